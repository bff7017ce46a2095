/** Tools over records in memory, asked as the loop asks them: the answer parsed, its figures unique. */
import { expect } from "vitest";
import * as z from "zod";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { Tool } from "../../../src/core/tool.ts";
import { Finding } from "../../../src/protocol/entities.ts";
import type { Json } from "../../../src/protocol/json.ts";
import { UsageAnswer } from "../../../src/tools/usage-answer.ts";
import type { UsageTools } from "../../../src/tools/usage-scope.ts";
import type { PriceLookup } from "../../../src/usage/prices.ts";
import type { UsageRecord } from "../../../src/usage/record.ts";
import {
  type EvaluatedPair,
  NO_PROFILE,
  type WorkspaceProfile,
} from "../../../src/usage/workspace.ts";
import { absentWorkspaces } from "../usage/absent-store.ts";
import { memoryStore } from "../usage/memory-store.ts";
import { usageRecord } from "../usage/records.ts";
import { toolContext } from "./context.ts";

const MAX_OUTPUT = 32 * 1024;

/** A dollar for a million input tokens; "unpriced" has no price. */
export const dollars: PriceLookup = ({ model }) =>
  model === "unpriced"
    ? null
    : { rates: { input: 1, cache_read: 1, cache_write: 1, output: 1 }, version: "test@1" };

const Answer = UsageAnswer.loose();
const Findings = z.array(Finding.omit({ fact_id: true, call_id: true, tool_name: true }));

interface Question {
  readonly args?: Json;
  readonly profile?: Partial<WorkspaceProfile>;
  readonly prices?: PriceLookup;
  /** Where they are others than those that the records came in with. */
  readonly pricesNow?: PriceLookup;
  /** Pairs of models that the workspace says to have evaluated. */
  readonly pairs?: readonly EvaluatedPair[];
}

/** Records of the sample workspace: each a single call of a dollar, but for what is changed. */
export function callsOf(count: number, change: (index: number) => Partial<UsageRecord>) {
  return Array.from({ length: count }, (_, index) =>
    usageRecord({
      record_id: `record-${String(index).padStart(6, "0")}`,
      input_tokens: 1e6,
      output_tokens: 0,
      ...change(index),
    }),
  );
}

export async function askTool(
  make: (tools: UsageTools) => Tool,
  records: readonly UsageRecord[],
  { args = {}, profile = {}, prices = dollars, pricesNow = prices, pairs = [] }: Question = {},
) {
  const latest = Math.max(0, ...records.map(({ ts }) => ts));
  const clock: Clock = { ...systemClock, now: () => latest + 1 };
  const workspaces = absentWorkspaces({
    profile: () => Promise.resolve({ ...NO_PROFILE, ...profile }),
    evaluatedPairs: () => Promise.resolve([...pairs]),
    evaluations: () => Promise.resolve([]),
  });
  const tool = make({
    usage: memoryStore(records, prices),
    workspaces,
    clock,
    prices: () => Promise.resolve(pricesNow),
  });
  const result = await tool.execute(args, toolContext());
  expect(JSON.stringify(result.output).length).toBeLessThan(MAX_OUTPUT);
  const findings = Findings.parse(result.findings);
  expect(new Set(findings.map(({ name }) => name)).size).toBe(findings.length);
  return { answer: Answer.parse(result.output), findings };
}

/** @returns what a figure of a call came to, by its name. */
export function figureOf(findings: z.output<typeof Findings>, name: string): number | undefined {
  return findings.find((finding) => finding.name === name)?.value;
}
