/** What the sample company could truly save: the same requests emitted without what was planted, and priced. */
import { timestamp } from "../../core/clock.ts";
import { Lever } from "../../protocol/optimization.ts";
import { spanOf } from "../sample.ts";
import { type BillOptions, Bills, type TrueSaving } from "./bills.ts";
import { DECOYS, type Decoy } from "./decoys.ts";
import { FEATURES } from "./features.ts";
import { type Plant, plantsOf } from "./plants.ts";
import { DAY_MS } from "./requests.ts";

/** A day on which something went wrong. */
export interface AnomalyDay {
  /** As 2026-11-04, UTC. */
  readonly date: string;
  readonly feature: string;
  readonly plant: Plant;
  /** What the day cost beyond what it would have. */
  readonly excessUsd: number;
}

/** What is true over the whole window; monthly figures are for the reader to make. */
export interface SampleTruth {
  /** Milliseconds since the Unix epoch; the end is exclusive. */
  readonly window: { readonly from: number; readonly to: number };
  readonly spendUsd: number;
  /** Each lever alone. */
  readonly byLever: Readonly<Record<Lever, TrueSaving>>;
  /** Each lever after those before it: these add up to the joint saving. */
  readonly marginalUsd: Readonly<Record<Lever, number>>;
  /** Each plant alone, accidents among them. */
  readonly byPlant: Readonly<Record<Plant, TrueSaving>>;
  /** All levers together, in the order of {@link Lever}. */
  readonly jointUsd: number;
  /** What looks like a saving and is none. */
  readonly decoys: readonly Decoy[];
  readonly anomalyDays: readonly AnomalyDay[];
  /** What failed calls cost, and answers that came too late. */
  readonly wasteUsd: number;
}

const DAY_NAME = "2026-11-04".length;
/** Below this share of its day's excess an accident is no event of that day. */
const NOTICEABLE_USD = 1;

/**
 * Emits the company several times, each time without something, and compares the bills. Nothing
 * here knows how a tool estimates; defects do not matter, since no cost depends on them.
 */
export function sampleTruth(options: BillOptions): SampleTruth {
  const { firstDay, days } = spanOf(options);
  const bills = new Bills(options);
  const alone = (plant: Plant) => bills.without([plant]);
  const upTo = (count: number) =>
    bills.without(Lever.options.slice(0, count).flatMap(plantsOf)).usd;
  const marginal = (lever: Lever) => {
    const position = Lever.options.indexOf(lever);
    return upTo(position + 1) - upTo(position);
  };
  return {
    window: { from: firstDay * DAY_MS, to: (firstDay + days) * DAY_MS },
    spendUsd: bills.spend(),
    byLever: eachLever((lever) => bills.without(plantsOf(lever))),
    marginalUsd: eachLever(marginal),
    byPlant: {
      duplicates: alone("duplicates"),
      oversized_classifier: alone("oversized_classifier"),
      context_bloat: alone("context_bloat"),
      verbose_output: alone("verbose_output"),
      uncached_prefix: alone("uncached_prefix"),
      batchable_night: alone("batchable_night"),
      retry_storm: alone("retry_storm"),
      runaway_agent: alone("runaway_agent"),
    },
    jointUsd: upTo(Lever.options.length),
    decoys: DECOYS,
    anomalyDays: anomalies(bills, firstDay),
    wasteUsd: bills.withoutWaste(),
  };
}

function eachLever<Value>(of: (lever: Lever) => Value): Record<Lever, Value> {
  return {
    duplicates: of("duplicates"),
    right_size: of("right_size"),
    trim: of("trim"),
    prompt_cache: of("prompt_cache"),
    batch: of("batch"),
  };
}

function anomalies(bills: Bills, firstDay: number): AnomalyDay[] {
  return plantsOf(null).flatMap((plant) =>
    FEATURES.flatMap((feature) =>
      bills.withoutAt(feature, [plant]).usdByDay.flatMap((excessUsd, day) =>
        excessUsd < NOTICEABLE_USD
          ? []
          : {
              date: timestamp((firstDay + day) * DAY_MS).slice(0, DAY_NAME),
              feature: feature.name,
              plant,
              excessUsd,
            },
      ),
    ),
  );
}
