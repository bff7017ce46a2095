/** The figures of a run under the names that answers refer to them by, and how the model is told of them. */
import * as z from "zod";
import type { Finding } from "../../protocol/entities.ts";
import { type CallId, FactId } from "../../protocol/ids.ts";
import { Json } from "../../protocol/json.ts";
import type { ToolFinding } from "../tool.ts";

/** A figure as the model is told of it. */
export const Fact = z.object({
  id: FactId,
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  interval: z.object({ low: z.number(), high: z.number() }).nullable().optional(),
});
export type Fact = z.infer<typeof Fact>;

/** What holds facts among all that the model reads: the result of a tool, or figures of an earlier run. */
const Told = z.object({ facts: z.array(Fact) });

/** @returns what an answer refers to a figure by: of the tool's so-manieth call of the run. */
export function factIdOf(tool: string, call: number, name: string): FactId {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .slice(0, 80);
  return FactId.parse(`${toolSlug(tool)}${call > 1 ? `-${call}` : ""}.${slug}`);
}

/**
 * @param source the call they come from, the so-manieth of its tool in the run.
 * @returns the findings of a call, each under an id that no other figure of the run has.
 */
export function nameFindings(
  found: readonly ToolFinding[],
  source: { readonly callId: CallId; readonly tool: string; readonly nth: number },
): Finding[] {
  const taken = new Set<FactId>();
  return found.map((finding) => {
    const first = factIdOf(source.tool, source.nth, finding.name);
    let fact_id = first;
    for (let number = 2; taken.has(fact_id); number += 1) {
      fact_id = FactId.parse(`${first}_${number}`);
    }
    taken.add(fact_id);
    return { fact_id, call_id: source.callId, tool_name: source.tool, ...finding };
  });
}

/** @returns what the model is told of a call: its output, and the facts an answer may refer to. */
export function tellFacts(content: string, findings: readonly Finding[]): string {
  if (findings.length === 0) return content;
  const output = Json.parse(JSON.parse(content));
  const facts = findings.map(factOf);
  const isObject = typeof output === "object" && output !== null && !Array.isArray(output);
  return JSON.stringify(isObject ? { ...output, facts } : { output, facts });
}

/** @returns the figure as the model is told of it, its bounds only where it has some. */
export function factOf({ fact_id: id, name, value, unit, interval }: Finding): Fact {
  return { id, name, value, unit, ...(interval && { interval }) };
}

/** @returns the facts that a tool's message tells, as {@link tellFacts} has written them. */
export function factsTold(content: unknown): readonly Fact[] {
  const told = Told.safeParse(content);
  return told.success ? told.data.facts : [];
}

function toolSlug(tool: string): string {
  return tool
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/g, "_")
    .slice(0, 64);
}
