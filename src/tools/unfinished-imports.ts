/** Has a tool say where its figures stand on half a file: an import that is under way, cut off, or taken back in part. */
import * as z from "zod";
import type { Tool, ToolFinding, ToolResult } from "../core/tool.ts";
import type { Json } from "../protocol/json.ts";
import { counted } from "../protocol/plural.ts";
import type { UsageImport } from "../protocol/usage.ts";

/** Imports that are told of by name. */
const MOST_TOLD = 3;

/** What is told of an import that is not over. */
export interface UnfinishedImport {
  readonly import_id: string;
  readonly status: UsageImport["status"];
  /** Whether it is being sent just now, so that more of its records are on their way. */
  readonly under_way: boolean;
  /** Records of it that counted when it stopped, or when it began to be taken back. */
  readonly stored: number;
}

const AboutSample = z.object({ workspace: z.literal("sample") });
/** What the usage tools answer with, as far as it is told there. */
const Told = z.looseObject({ assumptions: z.array(z.string()), summary: z.string() });

/**
 * Put it within whatever remembers answers, so that these are remembered with what makes them partial.
 * @param unfinished gives so many imports of a workspace that are not over and of which records count.
 * @returns the same tool. Where there are such imports, its answers about their workspace say so among their
 *   assumptions and in the words of their summary, with the records as findings. An own workspace that has
 *   records of an import is never passed over for the sample company's.
 */
export function withUnfinishedImports(
  tool: Tool,
  unfinished: (workspaceId: string, limit: number) => Promise<readonly UnfinishedImport[]>,
): Tool {
  return {
    ...tool,
    async execute(args, context) {
      if (AboutSample.safeParse(args).success) return tool.execute(args, context);
      // Asked before the records are read: an import that ends meanwhile is one whose half may have been read.
      const asked = unfinished(context.workspaceId, MOST_TOLD + 1);
      // Why the records can't be read says more than that the imports can't.
      asked.catch(() => undefined);
      const result = await tool.execute(args, context);
      const imports = await asked;
      return imports.length === 0 ? result : labelled(result, imports);
    },
  };
}

function labelled(result: ToolResult, imports: readonly UnfinishedImport[]): ToolResult {
  const named = imports.slice(0, MOST_TOLD);
  const sentences = named.map(sentenceOf);
  if (imports.length > named.length) {
    sentences.push(
      "There are more imports that are not complete: GET /api/usage/imports lists them all.",
    );
  }
  const output = toldIn(result.output, sentences);
  return { output, findings: [...result.findings, ...named.map(findingOf)] };
}

function toldIn(output: Json, sentences: readonly string[]): Json {
  const told = Told.safeParse(output);
  if (!told.success || typeof output !== "object" || output === null || Array.isArray(output)) {
    return output;
  }
  const { assumptions, summary } = told.data;
  return {
    ...output,
    assumptions: [...assumptions, ...sentences],
    summary: `${sentences.join(" ")}\n\n${summary}`,
  };
}

function sentenceOf({ import_id, status, under_way, stored }: UnfinishedImport): string {
  const state = under_way ? "under way" : "incomplete";
  return status === "rolling_back"
    ? `The import ${import_id} is taken back in part: some of its ${counted(stored, "record")} may still count.`
    : `The import ${import_id} is ${state}: ${counted(stored, "record of it counts", "records of it count")} so far.`;
}

function findingOf({ import_id, under_way, stored }: UnfinishedImport): ToolFinding {
  const which = under_way ? `import under way, ${import_id}` : `incomplete import ${import_id}`;
  return {
    name: `records of the ${which}`,
    value: stored,
    unit: "records",
    interval: null,
    n_records: stored,
    basis: "measured",
  };
}
