/** What evaluations say of a cheaper model: how often it passes, how surely, and how fast it is. */
import type { Evaluation } from "../workspace.ts";

/** Fewer pairs than this say too little. */
export const FEWEST_EVALUATIONS = 300;
/** A standard normal variable is beyond it, on either side, one time in twenty. */
const Z = 1.959964;

/** A share with its 95 % bounds. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** @returns the share with the bounds of Wilson's score interval (Wilson 1927); n is at least 1. */
export function wilson(passed: number, n: number): Share {
  const share = passed / n;
  const middle = (share + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half =
    (Z / (1 + Z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  return { value: share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** What a set of paired evaluations comes to. */
export interface PairedResult {
  readonly items: number;
  /** How often the cheaper model passed. */
  readonly pass: Share;
  readonly fromPass: number;
  /** 95th percentiles by nearest rank, milliseconds; null where under twenty items have a latency. */
  readonly fromP95: number | null;
  readonly toP95: number | null;
}

/** @returns what the evaluations say; null where there are none. */
export function pairedResult(evaluations: readonly Evaluation[]): PairedResult | null {
  const items = evaluations.length;
  if (items === 0) return null;
  const passed = evaluations.filter(({ to_passed }) => to_passed === 1).length;
  return {
    items,
    pass: wilson(passed, items),
    fromPass: evaluations.filter(({ from_passed }) => from_passed === 1).length / items,
    fromP95: p95(evaluations.map(({ from_latency_ms }) => from_latency_ms)),
    toP95: p95(evaluations.map(({ to_latency_ms }) => to_latency_ms)),
  };
}

function p95(latencies: readonly (number | null)[]): number | null {
  const known = latencies.filter((value) => value !== null).toSorted((a, b) => a - b);
  return known.length < 20 ? null : (known[Math.ceil(0.95 * known.length) - 1] ?? null);
}

/**
 * @returns why the cheaper model is not to be used: too few evaluations, a pass share that may be
 *   under the least, a slower answer; null where nothing speaks against it.
 */
export function objectionTo(result: PairedResult | null, minPass: number): string | null {
  if (!result || result.items < FEWEST_EVALUATIONS) {
    return `price gap only, quality unknown: ${result?.items ?? 0} paired evaluations, ${FEWEST_EVALUATIONS} are needed`;
  }
  if (result.pass.low < minPass) {
    return `it may pass only ${percent(result.pass.low)} of its paired evaluations (lower 95% bound), ${percent(minPass)} are asked for`;
  }
  if (result.fromP95 !== null && result.toP95 !== null && result.toP95 > result.fromP95) {
    return `it is slower: p95 ${Math.round(result.toP95)} ms against ${Math.round(result.fromP95)} ms`;
  }
  return null;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
