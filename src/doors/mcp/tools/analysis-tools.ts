/** The analysis tools of the catalogue, as agents have them, for who calls them without an agent. */
import * as z from "zod";
import { newId } from "../../../core/clock.ts";
import { DeadlineExceeded, withDeadline } from "../../../core/deadline.ts";
import type { Tool, ToolResult } from "../../../core/tool.ts";
import { workspaceIdOf } from "../../../http/own-usage.ts";
import { ApexError } from "../../../protocol/errors.ts";
import { CallId, RunId } from "../../../protocol/ids.ts";
import { Json } from "../../../protocol/json.ts";
import { portsOf } from "../../../thread/ports.ts";
import { type Effects, listingOf, READS, resultOf } from "../define-mcp-tool.ts";
import type { McpCall, McpTool } from "../offer.ts";
import type { McpContext } from "./follow-call.ts";
import { toldText } from "./told-text.ts";

/** What every analysis answers with, for programs: its own fields, and `degraded` where it is a substitute. */
const ANSWER = z.toJSONSchema(
  z.looseObject({
    value: z
      .number()
      .nullable()
      .optional()
      .describe("The headline figure; null: nothing was found"),
    unit: z.string().optional(),
    summary: z.string().optional().describe("The result in Markdown, every figure with its unit"),
    degraded: z
      .object({
        code: z.string(),
        reason: z.string(),
        action: z.string(),
        until: z.string().nullable(),
        as_of: z.string(),
      })
      .optional()
      .describe("Set where the answer is an older one, because its records cannot be reached"),
  }),
);

/** A tool that is asked under a name of its own. */
export interface Renamed {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly scope: McpTool<McpContext>["scope"];
  readonly effects: Effects;
}

/** @returns the tools of the catalogue that only read, and need nobody's approval. */
export function analysisTools(env: Cloudflare.Env): McpTool<McpContext>[] {
  return readers(env).map((tool) =>
    analysisTool(tool, {
      name: tool.name,
      title: titleOf(tool.name),
      description: tool.description,
      scope: tool.permission,
      effects: READS,
    }),
  );
}

/** @returns a tool of the catalogue under another name. @throws {ApexError} `internal` where there is none. */
export function renamedTool(env: Cloudflare.Env, of: string, as: Renamed): McpTool<McpContext> {
  return analysisTool(catalogued(env, of), as);
}

/** @throws {ApexError} `internal` where the catalogue has no such tool. */
export function catalogued(env: Cloudflare.Env, name: string): Tool {
  const tool = readers(env).find((each) => each.name === name);
  if (tool === undefined) throw new ApexError("internal", `There is no tool ${name}.`);
  return tool;
}

/**
 * Calls a tool for the user who asks, within the tool's time limit.
 * @throws {ApexError} `invalid_fields`, `unavailable`.
 */
export async function execute(
  tool: Tool,
  args: Json,
  { who: c, signal: leaving }: McpCall<McpContext>,
): Promise<ToolResult> {
  const { userId } = c.var.principal;
  const workspaceId = await workspaceIdOf(c);
  const call = newId();
  const ids = { runId: RunId.parse(call), callId: CallId.parse(call) };
  try {
    return await withDeadline(
      tool.timeoutMs,
      (signal) => tool.execute(args, { userId, workspaceId, ...ids, signal }),
      leaving,
    );
  } catch (error) {
    if (!(error instanceof DeadlineExceeded)) throw error;
    throw new ApexError("unavailable", `${tool.name} was not done in time: narrow its window.`);
  }
}

/** @returns what a tool found, and whether it is a substitute. */
export function outputOf({ output, degraded }: ToolResult): Record<string, Json> {
  const fields = z.record(z.string(), Json).parse(output);
  return degraded === undefined ? fields : { ...fields, degraded: { ...degraded } };
}

function analysisTool(tool: Tool, { scope, ...named }: Renamed): McpTool<McpContext> {
  return {
    scope,
    listing: listingOf({ ...named, inputSchema: tool.parameters, outputSchema: ANSWER }),
    async call(given, call) {
      await call.progress(tool.describeCall(given));
      const output = outputOf(await execute(tool, given, call));
      return resultOf(output, toldText(output));
    },
  };
}

function readers(env: Cloudflare.Env): Tool[] {
  return portsOf(env).tools.filter(({ readOnly, approval }) => readOnly && approval === null);
}

function titleOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
