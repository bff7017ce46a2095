/** Every replay of many calls gives way every few thousand of them: a cancel waits for no more than that. */
import { describe, expect, it } from "vitest";
import { inSlices, SLICE, type Sliced } from "../../../../src/core/slices.ts";
import { batchOpportunity } from "../../../../src/usage/replay/batch-opportunity.ts";
import { cacheOpportunity } from "../../../../src/usage/replay/cache-opportunity.ts";
import { duplicateOpportunity } from "../../../../src/usage/replay/duplicate-opportunity.ts";
import { rightSizeOpportunity } from "../../../../src/usage/replay/right-size-opportunity.ts";
import { trimOpportunity } from "../../../../src/usage/replay/trim-opportunity.ts";
import { call, HOUR, SPAN, START, workloadOf } from "./workloads.ts";

const SLICES = 3;
const workload = workloadOf(
  Array.from({ length: SLICES * SLICE }, (_, index) =>
    call({
      record_id: `call-${String(index).padStart(6, "0")}`,
      ts: START + index,
      request_temperature: 0,
      prompt_hmac: `prompt-${index % 100}`,
      block_hmacs: [{ hmac: `block-${index % 10}`, tokens: 5_000 }],
    }),
  ),
);
const move = {
  from: "claude-large",
  to: { provider: "anthropic", asked: "claude-small", answered: null },
  features: null,
  mode: "classifier",
} as const;

const replays: readonly (readonly [string, () => Sliced<unknown>])[] = [
  ["duplicates", () => duplicateOpportunity(workload, SPAN, { ttlMs: HOUR, allowedFeatures: [] })],
  ["right-size", () => rightSizeOpportunity(workload, SPAN, { move, result: null, minPass: 0.9 })],
  ["trim", () => trimOpportunity(workload, SPAN, ["context", "output"])],
  ["prompt cache", () => cacheOpportunity(workload, SPAN, "5m")],
  ["batch", () => batchOpportunity(workload, SPAN)],
];

describe.each(replays)("the replay of %s", (_, replay) => {
  it("ends within a slice when its signal aborts", async () => {
    const controller = new AbortController();
    const reason = new Error("cancelled");
    let pauses = 0;
    const clock = {
      sleep: () => {
        pauses += 1;
        if (pauses === 2) controller.abort(reason);
        return Promise.resolve();
      },
    };
    await expect(inSlices(replay(), { clock, signal: controller.signal })).rejects.toBe(reason);
    expect(pauses).toBe(2);
  });

  it("gives way in each of its passes, once every few thousand calls", async () => {
    let pauses = 0;
    const clock = {
      sleep: () => {
        pauses += 1;
        return Promise.resolve();
      },
    };
    await inSlices(replay(), { clock, signal: new AbortController().signal });
    expect(pauses).toBeGreaterThanOrEqual(3 * SLICES);
  });
});
