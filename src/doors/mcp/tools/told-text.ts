/** What analyses found, for who reads text alone: it tells what the figures are not. */
import * as z from "zod";
import { withSampleNotice } from "../../../core/sample-notice.ts";
import type { Json } from "../../../protocol/json.ts";

const Substitute = z.object({ degraded: z.object({ reason: z.string(), action: z.string() }) });

/** @returns an analysis's summary, or all of it where it has none; a substitute says that it is one. */
export function toldText(output: Readonly<Record<string, Json>>): string {
  return withSampleNotice([output], summaryOf(output));
}

/** @returns the summaries of several, one below the other, each under its tool's name. */
export function toldTogether(
  parts: readonly { tool: string; output: Record<string, Json> | null; problem: string | null }[],
): string {
  const texts = parts.map(({ tool, output, problem }) => {
    const text = output === null ? (problem ?? "Nothing was found.") : summaryOf(output);
    return `### ${tool.replaceAll("_", " ")}\n\n${text}`;
  });
  return withSampleNotice(
    parts.map(({ output }) => output),
    texts.join("\n\n"),
  );
}

function summaryOf(output: Readonly<Record<string, Json>>): string {
  const summary = z.string().catch(JSON.stringify(output)).parse(output.summary);
  const substitute = Substitute.safeParse(output);
  if (!substitute.success) return summary;
  const { reason, action } = substitute.data.degraded;
  return `${reason} ${action}\n\n${summary}`;
}
