/** What the sample company's people and programs want of models: requests, before anything serves them. */
import { RandomSource } from "../random-source.ts";
import type { Feature } from "./features.ts";
import { madeUpHash, seedOf } from "./made-up-hash.ts";
import type { Model } from "./models.ts";

export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;

/** Requests grow by this share from the first day to the last. */
const GROWTH = 0.2;
const USERS = 240;
/** A prompt's text changes this often, and its version with it. */
const DAYS_A_VERSION = 20;
/** Short of every model's context, and of the prices for long ones. */
const MOST_TOKENS = 190_000;
/** The tail of the Pareto distribution that repeated prompts are drawn from. */
const PARETO_TAIL = 1.1;

/** The stretch of time that is generated. */
export interface Span {
  readonly seed: number;
  /** The first day, counted from the Unix epoch. */
  readonly firstDay: number;
  readonly days: number;
  /** A factor on the number of requests. */
  readonly scale: number;
}

/** One thing wanted of a model, with all that chance decides about it, whatever is planted. */
export interface Request {
  /** Eight digits of its second, as in a UUIDv7 (a store keeps such ids together), then a hash. */
  readonly id: string;
  readonly ts: number;
  readonly feature: Feature;
  readonly model: Model;
  readonly team: string;
  readonly user: number;
  readonly environment: string;
  readonly version: string;
  /** The same for requests that ask the same. */
  readonly prompt: string;
  readonly messageTokens: number;
  /** Tokens that the prompt could do without. */
  readonly bloatTokens: number;
  readonly outputTokens: number;
  readonly verboseTokens: number;
  /** Whether the small model of an oversized classifier passes at this one. */
  readonly smallPasses: boolean;
  /** The chance that is left: failures and latencies. */
  readonly random: RandomSource;
}

/** @returns the requests of a feature's ordinary day, by time. */
export function requestsOf(feature: Feature, span: Span, day: number): Request[] {
  const random = new RandomSource(seedOf(`${span.seed}/${feature.name}/${span.firstDay + day}`));
  const count = random.rounded(expectedRequests(feature, span, day));
  return Array.from({ length: count }, (_, index) =>
    draw(feature, span, day, `${index}`, timeOfDay(random, feature.hours)),
  ).toSorted((left, right) => left.ts - right.ts);
}

/** @returns how many requests an ordinary day has on average. */
export function expectedRequests(feature: Feature, span: Span, day: number): number {
  const weekday = new Date((span.firstDay + day) * DAY_MS).getUTCDay();
  const share = weekday === 0 || weekday === 6 ? feature.weekend : 1;
  return feature.perDay * share * (1 + (GROWTH * day) / span.days) * span.scale;
}

/** @returns the requests of an agent that goes round in circles, on the day that it does. */
export function runawayRequests(feature: Feature, span: Span, day: number): Request[] {
  const runaway = feature.plants.runaway_agent;
  if (!runaway || day !== workingDay(span, runaway.at)) return [];
  const random = new RandomSource(seedOf(`${span.seed}/${feature.name}/runaway`));
  const [from, to] = runaway.hours;
  return Array.from({ length: random.rounded(runaway.requests * span.scale) }, (_, index) =>
    draw(feature, span, day, `runaway-${index}`, random.between(from, to) * HOUR_MS),
  ).toSorted((left, right) => left.ts - right.ts);
}

/** @returns the last working day up to this part of the span: weekends have a rhythm of their own. */
export function workingDay({ firstDay, days }: Span, part: number): number {
  const wanted = Math.floor(days * part);
  const weekday = new Date((firstDay + wanted) * DAY_MS).getUTCDay();
  const back = weekday === 0 ? 2 : weekday === 6 ? 1 : 0;
  return Math.max(0, wanted - back);
}

function draw(feature: Feature, span: Span, day: number, name: string, time: number): Request {
  const place = `${span.seed}/${feature.name}/${span.firstDay + day}/${name}`;
  const random = new RandomSource(seedOf(place));
  const { repeats, plants } = feature;
  const repeated = random.chance(repeats?.share ?? 0);
  const prompt = repeated ? `known-${rank(random, repeats?.prompts ?? 1)}` : place;
  const message = repeated
    ? new RandomSource(seedOf(`${span.seed}/${feature.name}/${prompt}`))
    : random;
  const output = random.logNormal(feature.output.median, feature.output.sigma);
  const bloat = plants.context_bloat;
  const verbose = plants.verbose_output;
  const ts = (span.firstDay + day) * DAY_MS + Math.floor(time);
  return {
    id: `${Math.floor(ts / 1_000).toString(16)}${madeUpHash(place)}`,
    ts,
    feature,
    model: random.pick(feature.models),
    team: random.pick(feature.teams),
    user: random.integer(USERS),
    environment: random.chance(0.9) ? "production" : "staging",
    version: `v${1 + Math.floor(day / DAYS_A_VERSION)}`,
    prompt,
    messageTokens: message.logNormal(feature.message.median, feature.message.sigma),
    bloatTokens:
      bloat && random.chance(bloat.share) ? atMost(random.logNormal(bloat.medianTokens, 0.15)) : 0,
    outputTokens: output,
    verboseTokens:
      verbose && random.chance(verbose.share)
        ? Math.round(output * (verbose.times - 1) * random.between(0.8, 1.2))
        : 0,
    smallPasses: random.chance(plants.oversized_classifier?.passes ?? 0),
    random,
  };
}

function atMost(tokens: number): number {
  return Math.min(tokens, MOST_TOKENS);
}

/** A prompt's place in the order of popularity: few are asked all the time, most now and then. */
function rank(random: RandomSource, prompts: number): number {
  const pareto = (1 - random.next()) ** (-1 / PARETO_TAIL);
  return Math.floor((pareto - 1) * 10) % prompts;
}

/** Milliseconds into a day: an hour by its weight, then anywhere within it. */
function timeOfDay(random: RandomSource, hours: readonly number[]): number {
  let left = random.next() * hours.reduce((sum, weight) => sum + weight, 0);
  const hour = hours.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return (Math.max(0, hour) + random.next()) * HOUR_MS;
}
