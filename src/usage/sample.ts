/** The sample company's usage: sixty made-up days, the same for the same seed, to try the tools on. */
import { RandomSource } from "./random-source.ts";
import type { UsageRecord } from "./record.ts";
import { FEATURES, type Feature } from "./sample-company.ts";

export const SAMPLE_WORKSPACE = "sample";
export const SAMPLE_DAYS = 60;
const SAMPLE_SEED = 20_261;

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const USERS = 60;
/** Requests grow by this share over the sixty days. */
const GROWTH = 0.35;
/** How many of the failed requests are tried once more. */
const RETRIES = 0.6;
/** A call that failed this way had read its prompt; the others were turned away at the door. */
const FAILED_LATE = "timeout";
const ERROR_TYPES = [
  FAILED_LATE,
  "rate_limit_exceeded",
  "rate_limit_exceeded",
  "server_error",
] as const;

export interface SampleOptions {
  /** The last day is the one before this moment's (UTC); milliseconds since the Unix epoch. */
  readonly endsAt: number;
  readonly seed?: number;
}

/** What all attempts at one request share. */
type Request = Omit<
  UsageRecord,
  | "record_id"
  | "attempt"
  | "status"
  | "error_type"
  | "output_tokens"
  | "reasoning_tokens"
  | "latency_ms"
  | "ttft_ms"
>;

/** Gives the sample company's records, about 12,000, day by day. */
export function* sampleRecords(options: SampleOptions): Generator<UsageRecord> {
  const random = new RandomSource(options.seed ?? SAMPLE_SEED);
  const firstDay = Math.floor(options.endsAt / DAY) - SAMPLE_DAYS;
  let sequence = 0;
  for (let day = 0; day < SAMPLE_DAYS; day++) {
    const midnight = (firstDay + day) * DAY;
    const progress = day / SAMPLE_DAYS;
    for (const feature of FEATURES) {
      const requests = random.rounded(expectedRequests(feature, midnight, progress));
      for (let request = 0; request < requests; request++) {
        sequence++;
        const id = `request-${String(sequence).padStart(6, "0")}`;
        yield* attempts(random, feature, id, midnight, progress);
      }
    }
  }
}

function expectedRequests(feature: Feature, midnight: number, progress: number): number {
  const weekday = new Date(midnight).getUTCDay();
  const share = weekday === 0 || weekday === 6 ? feature.weekend : 1;
  return feature.perDay * share * (1 + GROWTH * progress);
}

/** One request: its first attempt and, after some failures, a second. */
function* attempts(
  random: RandomSource,
  feature: Feature,
  id: string,
  midnight: number,
  progress: number,
): Generator<UsageRecord> {
  const model = random.pick(feature.models);
  const [opens, closes] = feature.hours;
  const input = random.logNormal(feature.medianInput * (1 + feature.promptGrowth * progress), 0.45);
  const hit = random.chance(feature.cacheHits);
  const cacheable = Math.floor(input * feature.cacheablePart);
  const request: Request = {
    workspace_id: SAMPLE_WORKSPACE,
    source: "sample",
    ts: midnight + Math.floor(random.between(opens, closes) * HOUR),
    trace_id: random.hex(32),
    conversation_id: feature.interactive === 1 ? `conversation-${random.hex(8)}` : null,
    logical_request_id: id,
    provider: model.provider,
    operation: "chat",
    request_model: model.name,
    response_model: model.name,
    request_reasoning_level: null,
    request_max_tokens: null,
    request_temperature: null,
    request_stream: feature.interactive,
    service_tier: feature.serviceTier,
    input_tokens: input,
    cache_read_tokens: hit ? cacheable : 0,
    cache_write_tokens: !hit && model.writesCache ? cacheable : 0,
    cache_write_1h_tokens: 0,
    finish_reasons: [],
    user_hash: feature.interactive === 1 ? `user-${random.integer(USERS)}` : null,
    feature: feature.name,
    team: random.pick(feature.teams),
    environment: random.chance(0.9) ? "production" : "staging",
    prompt_name: `${feature.name}-prompt`,
    prompt_version: null,
    deadline_h: null,
    prompt_hmac: null,
    block_hmacs: [],
    quality_score: null,
    interactive: feature.interactive,
    granularity: "request",
    n_requests: 1,
    cost_reported: null,
  };
  if (!random.chance(model.errorShare)) return yield answered(random, feature, model, request, 1);
  const failure = failed(random, request);
  yield failure;
  if (!random.chance(RETRIES)) return;
  const later = { ...request, ts: request.ts + Math.ceil(failure.latency_ms ?? 0) + 1_000 };
  yield answered(random, feature, model, later, 2);
}

function answered(
  random: RandomSource,
  feature: Feature,
  model: Feature["models"][number],
  request: Request,
  attempt: number,
): UsageRecord {
  const output = random.logNormal(feature.medianOutput, 0.6);
  const firstToken = random.logNormal(model.firstTokenMs, 0.35);
  return {
    ...request,
    record_id: `${request.logical_request_id}-${attempt}`,
    attempt,
    status: "ok",
    error_type: null,
    output_tokens: output,
    reasoning_tokens: Math.floor(output * feature.reasoningShare),
    latency_ms: firstToken + Math.round(output * model.tokenMs),
    ttft_ms: firstToken,
  };
}

function failed(random: RandomSource, request: Request): UsageRecord {
  const errorType = random.pick(ERROR_TYPES);
  const late = errorType === FAILED_LATE;
  return {
    ...request,
    record_id: `${request.logical_request_id}-1`,
    attempt: 1,
    status: "error",
    error_type: errorType,
    input_tokens: late ? request.input_tokens : 0,
    cache_read_tokens: late ? request.cache_read_tokens : 0,
    cache_write_tokens: late ? request.cache_write_tokens : 0,
    output_tokens: 0,
    reasoning_tokens: 0,
    latency_ms: late ? 60_000 : random.logNormal(250, 0.4),
    ttft_ms: null,
  };
}
