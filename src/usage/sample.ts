/** The sample company's usage: made-up days, the same for the same seed, to try the tools on. */
import { cataloguePrices, type PriceLookup } from "./prices.ts";
import type { UsageRecord } from "./record.ts";
import { type Attempt, attemptsOf } from "./sample/attempts.ts";
import { dailyPrices } from "./sample/daily-prices.ts";
import { isImportedTwice, spoiled } from "./sample/defects.ts";
import { FEATURES, type Feature } from "./sample/features.ts";
import type { Plant } from "./sample/plants.ts";
import { DAY_MS, expectedRequests, type Span } from "./sample/requests.ts";
import { servingOf } from "./sample/serving.ts";

export const SAMPLE_WORKSPACE = "sample";
export const SAMPLE_DAYS = 60;
export const SAMPLE_SEED = 20_261;
/** How long a kept answer is given again, in the company that keeps them. */
export const ANSWER_TTL_MS = DAY_MS;

export interface SampleOptions {
  /** The last day is the one before this moment's (UTC); milliseconds since the Unix epoch. */
  readonly endsAt: number;
  readonly seed?: number;
  readonly workspaceId?: string;
  /** A factor on the number of requests. Fewer come further apart, so prompt caches hold less. */
  readonly scale?: number;
  /** Days of usage, at the full density of each: a short sample is true to the rhythm of the day. */
  readonly days?: number;
  /** The control is the same company with nothing planted: there is about nothing to save. */
  readonly company?: "sample" | "control";
  /** Whether hashes are missing, flags are wrong and some records come twice. */
  readonly defects?: boolean;
}

/**
 * Gives the records, by the time they began, about 200,000 unless told otherwise. With defects some
 * come a second time, as from an import repeated.
 */
export function* sampleRecords(options: SampleOptions): Generator<UsageRecord> {
  const { defects = true } = options;
  const isPlanted = () => options.company !== "control";
  const streams = FEATURES.map((feature) => streamOf(feature, options, { isPlanted }));
  for (let day = 0; day < (options.days ?? SAMPLE_DAYS); day++) {
    const records = streams.flatMap((stream) => stream.next().value ?? []);
    records.sort(byTime);
    if (!defects) {
      yield* records;
      continue;
    }
    for (const record of records) yield spoiled(record);
    for (const record of records) {
      if (isImportedTwice(record)) yield spoiled(record);
    }
  }
}

/** @returns about how many records there will be. */
export function expectedRecords(options: SampleOptions): number {
  const span = spanOf(options);
  const perDay = Array.from({ length: span.days }, (_, day) =>
    FEATURES.reduce((sum, feature) => sum + expectedRequests(feature, span, day), 0),
  );
  return Math.round(perDay.reduce((sum, requests) => sum + requests, 0));
}

/** What is emitted: the company as it is, or its counterfactual without some of its plants. */
export interface Emission {
  readonly isPlanted: (plant: Plant) => boolean;
  /** Which attempts are made at all; every one, unless told otherwise. */
  readonly isMade?: (attempt: Attempt) => boolean;
  readonly prices?: PriceLookup;
  readonly answerTtlMs?: number;
}

/** Gives the records of one feature, day by day, each by the time they began, without defects. */
export function* streamOf(
  feature: Feature,
  options: SampleOptions,
  {
    isPlanted,
    isMade = () => true,
    prices = cataloguePrices,
    answerTtlMs = ANSWER_TTL_MS,
  }: Emission,
): Generator<UsageRecord[], undefined> {
  const span = spanOf(options);
  const isPlantedHere = (plant: Plant) => plant in feature.plants && isPlanted(plant);
  const serve = servingOf(feature, {
    isPlanted: isPlantedHere,
    workspaceId: options.workspaceId ?? SAMPLE_WORKSPACE,
    prices: dailyPrices(prices),
    answerTtlMs,
  });
  // A retry may fall into the next day; what would fall behind the last one is left out.
  let late: Attempt[] = [];
  for (let day = 0; day < span.days; day++) {
    const end = (span.firstDay + day + 1) * DAY_MS;
    const attempts = [...late, ...attemptsOf(feature, span, day, isPlantedHere).filter(isMade)];
    late = attempts.filter(({ ts }) => ts >= end);
    yield attempts
      .filter(({ ts }) => ts < end)
      .sort((left, right) => left.ts - right.ts || (left.request.id < right.request.id ? -1 : 1))
      .flatMap((attempt) => serve(attempt) ?? []);
  }
}

/** @returns the days that options name. */
export function spanOf({ endsAt, seed, days = SAMPLE_DAYS, scale = 1 }: SampleOptions): Span {
  return { seed: seed ?? SAMPLE_SEED, firstDay: Math.floor(endsAt / DAY_MS) - days, days, scale };
}

function byTime(left: UsageRecord, right: UsageRecord): number {
  return left.ts - right.ts || (left.record_id < right.record_id ? -1 : 1);
}
