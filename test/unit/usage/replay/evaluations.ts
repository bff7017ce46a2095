/** Paired evaluations for tests: the large model passes them all, the small one as many as told. */
import type { Evaluation } from "../../../../src/usage/workspace.ts";

/** @returns the evaluations of one set, of which the small model passed the first ones. */
export function evaluations(
  items: number,
  passed: number,
  toLatency: number | null = 400,
): Evaluation[] {
  return Array.from({ length: items }, (_, index) => ({
    evaluation_set: "set",
    item_id: `item-${index}`,
    ts: 0,
    feature: "chat",
    from_model: "claude-large",
    to_model: "claude-small",
    from_passed: 1,
    to_passed: index < passed ? 1 : 0,
    from_latency_ms: 500,
    to_latency_ms: toLatency,
  }));
}
