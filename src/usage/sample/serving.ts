/** How the sample company's attempts are served: what each one costs depends on what is planted. */
import { costOf, type PriceLookup } from "../prices.ts";
import type { PromptBlock, UsageRecord } from "../record.ts";
import type { Attempt } from "./attempts.ts";
import type { Feature } from "./features.ts";
import { madeUpHash } from "./made-up-hash.ts";
import type { Model } from "./models.ts";
import type { Plant } from "./plants.ts";
import type { Request } from "./requests.ts";

export interface Practice {
  /** Whether the feature has the plant, and it was left in. */
  readonly isPlanted: (plant: Plant) => boolean;
  readonly workspaceId: string;
  /** What the sources report, where they do. */
  readonly prices: PriceLookup;
  /** How long an answer is kept and given again, where answers are. */
  readonly answerTtlMs: number;
}

/** How long a provider keeps the beginning of a prompt after its last use. */
const CACHE_TTL_MS = 5 * 60_000;
/** Providers whose source tells what a call cost. */
const REPORTING = new Set(["anthropic", "openai"]);

/** @returns what serves a feature's attempts, which must come by time; null where no call is made. */
export function servingOf(
  feature: Feature,
  practice: Practice,
): (attempt: Attempt) => UsageRecord | null {
  const answers = new AnswerStore(practice.answerTtlMs);
  const cache = new PromptCache();
  const blocksOf = blockMaker(feature);
  const keepsAnswers = feature.plants.duplicates === true && !practice.isPlanted("duplicates");
  const marks = feature.marksPrefix && !practice.isPlanted("uncached_prefix");
  return (attempt) => {
    const { request } = attempt;
    const model = modelOf(request, practice);
    const input =
      request.messageTokens + (practice.isPlanted("context_bloat") ? request.bloatTokens : 0);
    const blocks = blocksOf(request, input);
    const prompt = blocks.at(-1)?.hmac ?? "";
    if (keepsAnswers && answers.holds(prompt, attempt.ts)) return null;
    const read = attempt.outcome !== "rate_limit_exceeded" && attempt.outcome !== "server_error";
    const record = recordOf(attempt, model, blocks, practice, {
      ...(read ? cache.use(model, blocks, marks, attempt.ts) : UNREAD),
      input: read ? (blocks.at(-1)?.tokens ?? 0) : 0,
    });
    if (keepsAnswers && record.status === "ok") {
      answers.keep(prompt, attempt.ts, attempt.ts + (record.latency_ms ?? 0));
    }
    return record;
  };
}

const UNREAD = { read: 0, written: 0 };

function modelOf({ model, smallPasses, feature }: Request, { isPlanted }: Practice): Model {
  const oversized = feature.plants.oversized_classifier;
  return oversized && smallPasses && !isPlanted("oversized_classifier") ? oversized.small : model;
}

/** @returns what makes a prompt's blocks: tools, system and messages, each chained to those before it. */
function blockMaker(feature: Feature): (request: Request, messages: number) => PromptBlock[] {
  const stable = new Map<string, readonly [tools: PromptBlock, system: PromptBlock]>();
  return ({ version, prompt }, messages) => {
    const [tools, system] = stable.get(version) ?? stableBlocks(feature, version);
    stable.set(version, [tools, system]);
    const whole = madeUpHash(`${system.hmac}/${prompt}`);
    return [tools, system, { hmac: whole, tokens: system.tokens + messages }];
  };
}

function stableBlocks(feature: Feature, version: string) {
  const tools = madeUpHash(`${feature.name}/${version}`);
  const system = madeUpHash(`${tools}/system`);
  return [
    { hmac: tools, tokens: feature.tools },
    { hmac: system, tokens: feature.tools + feature.system },
  ] as const;
}

/** Answers that are given again: the first one asked for counts, until it is too old. */
class AnswerStore {
  readonly #kept = new Map<string, { readonly askedAt: number; readonly answeredAt: number }>();
  readonly #ttlMs: number;

  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs;
  }

  holds(prompt: string, at: number): boolean {
    const answer = this.#kept.get(prompt);
    return answer !== undefined && at >= answer.answeredAt && at - answer.askedAt <= this.#ttlMs;
  }

  keep(prompt: string, askedAt: number, answeredAt: number): void {
    const answer = this.#kept.get(prompt);
    if (answer && askedAt - answer.askedAt <= this.#ttlMs) return;
    this.#kept.set(prompt, { askedAt, answeredAt });
  }
}

/** The caches of all providers: which beginnings of prompts they hold, and since when unused. */
class PromptCache {
  readonly #lastUsed = new Map<string, number>();

  /** @returns the tokens that a call reads from the cache, and those it writes there at a price. */
  use(model: Model, blocks: readonly PromptBlock[], marks: boolean, at: number) {
    const kept = keptBy(model, blocks, marks);
    const hit = kept.findLast(
      ({ hmac }) => at - (this.#lastUsed.get(`${model.name}/${hmac}`) ?? -Infinity) <= CACHE_TTL_MS,
    );
    for (const { hmac } of kept) this.#lastUsed.set(`${model.name}/${hmac}`, at);
    const read = hit?.tokens ?? 0;
    const written = model.caching === "marked" ? (kept.at(-1)?.tokens ?? read) - read : 0;
    return { read, written };
  }
}

/** @returns the beginnings of a prompt that its provider keeps. */
function keptBy(model: Model, blocks: readonly PromptBlock[], marks: boolean) {
  const longEnough = blocks.filter(({ tokens }) => tokens >= model.cacheMinimum);
  if (model.caching === "automatic") return longEnough;
  // The mark stands behind the system prompt: what comes after it is never the same again.
  return model.caching === "marked" && marks
    ? longEnough.filter((block) => block === blocks.at(-2))
    : [];
}

interface Prompted {
  readonly input: number;
  readonly read: number;
  readonly written: number;
}

function recordOf(
  { request, number, ts, outcome, failedAfterMs, slowness }: Attempt,
  model: Model,
  blocks: readonly PromptBlock[],
  { isPlanted, workspaceId, prices }: Practice,
  { input, read, written }: Prompted,
): UsageRecord {
  const { feature } = request;
  const answered = outcome === "answered" || outcome === "superseded";
  const verbose = isPlanted("verbose_output") ? request.verboseTokens : 0;
  const output = answered ? request.outputTokens + verbose : 0;
  const tier =
    "batchable_night" in feature.plants && !isPlanted("batchable_night")
      ? "batch"
      : feature.serviceTier;
  const firstToken = Math.round(model.firstTokenMs * slowness);
  const waited = feature.interactive === 1;
  const tokens = {
    input_tokens: input,
    cache_read_tokens: read,
    cache_write_tokens: written,
    cache_write_1h_tokens: 0,
    output_tokens: output,
    reasoning_tokens: Math.floor(output * feature.reasoningShare),
  };
  const price = REPORTING.has(model.provider)
    ? prices({
        provider: model.provider,
        model: model.name,
        serviceTier: tier,
        at: ts,
        contextTokens: input,
      })
    : null;
  return {
    workspace_id: workspaceId,
    record_id: `${request.id}-${number}`,
    source: "sample",
    ts,
    trace_id: null,
    conversation_id: waited ? `conversation-${request.user}-${request.version}` : null,
    logical_request_id: request.id,
    attempt: number,
    provider: model.provider,
    operation: "chat",
    request_model: model.name,
    response_model: model.name,
    request_reasoning_level: feature.reasoningShare > 0 ? "medium" : null,
    request_max_tokens: null,
    request_temperature: feature.temperature,
    request_stream: waited ? 1 : 0,
    service_tier: tier,
    ...tokens,
    // A batch is answered some time within a day: nobody measures that.
    latency_ms:
      tier === "batch"
        ? null
        : answered
          ? firstToken + Math.round(output * model.tokenMs)
          : failedAfterMs,
    ttft_ms: answered && tier !== "batch" ? firstToken : null,
    status: answered ? "ok" : "error",
    error_type: answered ? null : outcome,
    finish_reasons: answered ? ["stop"] : [],
    user_hash: waited ? `user-${request.user}` : null,
    feature: feature.name,
    team: request.team,
    environment: request.environment,
    prompt_name: `${feature.name}-prompt`,
    prompt_version: request.version,
    interactive: feature.interactive,
    deadline_h: feature.deadlineHours,
    prompt_hmac: blocks.at(-1)?.hmac ?? null,
    block_hmacs: input > 0 ? [...blocks] : [],
    quality_score: null,
    granularity: "request",
    n_requests: 1,
    context_tokens: null,
    cost_reported: price && Math.round(costOf(tokens, price.rates) * 1e6) / 1e6,
  };
}
