/** What is wrong at the sample company: inefficiencies planted in its streams, each of which can be left out. */
import type { Lever } from "../../protocol/optimization.ts";
import type { Model } from "./models.ts";

/** A stream's inefficiencies, with what each one needs to be drawn. */
export interface Plants {
  /** The prompts' stable beginning is not marked for the provider's cache. */
  readonly uncached_prefix: true;
  /** Nobody waits, tomorrow would do, and yet the standard tier is paid. */
  readonly batchable_night: true;
  /** Some prompts carry everything that was ever said. */
  readonly context_bloat: { readonly share: number; readonly medianTokens: number };
  /** Some answers are far longer than asked for. */
  readonly verbose_output: { readonly share: number; readonly times: number };
  /** The same question is answered anew each time, at temperature 0. */
  readonly duplicates: true;
  /** A large model does what a small one passes at, this often. */
  readonly oversized_classifier: { readonly small: Model; readonly passes: number };
  /** On one working day the calls of some hours time out, and are sent again and again. */
  readonly retry_storm: {
    readonly at: number;
    readonly hours: readonly [from: number, to: number];
    readonly attempts: number;
  };
  /** On one working day an agent goes round in circles for some hours. */
  readonly runaway_agent: {
    readonly at: number;
    readonly hours: readonly [from: number, to: number];
    readonly requests: number;
  };
}

export type Plant = keyof Plants;

/** The lever that removes a plant; null for an accident, which no lever mends. */
export const LEVER_OF = {
  duplicates: "duplicates",
  oversized_classifier: "right_size",
  context_bloat: "trim",
  verbose_output: "trim",
  uncached_prefix: "prompt_cache",
  batchable_night: "batch",
  retry_storm: null,
  runaway_agent: null,
} as const satisfies Record<Plant, Lever | null>;

export const PLANTS = [
  "duplicates",
  "oversized_classifier",
  "context_bloat",
  "verbose_output",
  "uncached_prefix",
  "batchable_night",
  "retry_storm",
  "runaway_agent",
] as const satisfies readonly Plant[];

/** @returns the plants that a lever removes; those of null are the accidents. */
export function plantsOf(lever: Lever | null): Plant[] {
  return PLANTS.filter((plant) => LEVER_OF[plant] === lever);
}
