/** Tools that do what a test says, and remember that they did. */
import { z } from "zod";
import type { Tool, ToolContext, ToolResult } from "../../../src/core/tool.ts";
import type { Json } from "../../../src/protocol/json.ts";
import { parseInput } from "../../../src/protocol/parse-input.ts";

export const FINDING = {
  name: "cost",
  value: 12.5,
  unit: "USD",
  interval: null,
  n_records: 40,
  basis: "measured",
} as const;

export const RESULT: ToolResult = { output: { cost_usd: 12.5 }, findings: [FINDING] };

/** A read-only tool over any arguments, in everything else as told. */
export function toolOf(fields: Partial<Tool> = {}): Tool {
  return {
    name: "usage_summary",
    permission: "tools:usage_summary",
    description: "Sums the usage.",
    parameters: { type: "object" },
    readOnly: true,
    timeoutMs: 1_000,
    approval: null,
    describeCall: () => "Sums the usage of the window, to answer with figures.",
    execute: async () => RESULT,
    ...fields,
  };
}

/** Never answers and never looks at its signal: the worst a tool can be. */
export const deafExecute = () => new Promise<never>(() => undefined);

/** Answers only when it is told to stop, as a well-behaved tool does. */
export function untilAborted(_: Json, { signal }: ToolContext): Promise<ToolResult> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

const Days = z.strictObject({ days: z.number() });

/** A tool that takes one field, "days", and nothing else. */
export function strictTool(): Tool {
  const parse = (args: Json) => parseInput(Days, args, "the arguments of usage_summary");
  return toolOf({
    describeCall: (args) => `Sums the usage of the last ${parse(args).days} days.`,
    execute: async (args) => ({ output: parse(args), findings: [] }),
  });
}
