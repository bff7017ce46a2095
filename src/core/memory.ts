/** What a model is told of the earlier conversation: the newest exchanges in full, older ones only by their findings. */
import { CallId, FactId } from "../protocol/ids.ts";
import type { Fact } from "./grounding/facts.ts";
import type { ModelMessage } from "./model.ts";
import { countTokens, cutTokens } from "./tokens.ts";

/** A question and its answer, with the figures its run found. */
export interface Exchange {
  /** The seq its question was accepted at. It also tells this run's figures from those of other runs. */
  readonly seq: number;
  readonly question: string;
  readonly answer: string;
  readonly facts: readonly Fact[];
  /** A model's summary of everything up to and including this exchange; null if there is none. */
  readonly summary: string | null;
}

/** The function whose results carry earlier findings. It appears in the conversation only; no model can call it. */
export const RECALL = "recall_figures";
/** @returns whether a tool call was made up by {@link remember}, to carry earlier findings. */
export function isRecall(callId: CallId): boolean {
  return callId.startsWith(`${RECALL}_`);
}

/** The share of a model's context window for the earlier conversation; tools and the answer need the rest. */
const SHARE = 1 / 4;
/** The window to assume if the model's is unknown; also the most that is used of a larger one, as each turn pays for it. */
const WINDOW = 128_000;
/** How many figures and questions of older exchanges are told at most; the newest ones are. */
const MAX_FACTS = 60;
const MAX_QUESTIONS = 30;
const QUESTION_TOKENS = 60;

/** @returns how many tokens of the earlier conversation a model is given. */
export function memoryBudget(window: number | null): number {
  return Math.floor(Math.min(window ?? WINDOW, WINDOW) * SHARE);
}

/** Gives the size of an exchange in tokens. */
export type SizeOf = (exchange: Exchange) => number;

/** @returns a function that gives sizes, and counts each exchange only once: what was said does not change. */
export function countedOnce(): SizeOf {
  const known = new Map<number, number>();
  return (exchange) => {
    const size = known.get(exchange.seq) ?? tokensOf(exchange);
    known.set(exchange.seq, size);
    return size;
  };
}

/**
 * @param exchanges oldest first.
 * @returns the index of the first exchange that is told in full. The newest always is.
 */
export function firstWhole(
  exchanges: readonly Exchange[],
  budget: number,
  sizeOf: SizeOf = tokensOf,
): number {
  let left = budget;
  let first = exchanges.length;
  while (first > 0) {
    const exchange = exchanges[first - 1];
    left -= exchange ? sizeOf(exchange) : 0;
    if (left < 0 && first < exchanges.length) break;
    first -= 1;
  }
  return first;
}

/**
 * Composes the earlier conversation for a model. Findings are given as results of a function, because a model treats
 * these as data, not as instructions.
 * @param exchanges oldest first.
 * @param budget in tokens, as {@link memoryBudget} gives it.
 */
export function remember(
  exchanges: readonly Exchange[],
  budget: number,
  sizeOf: SizeOf = tokensOf,
): ModelMessage[] {
  const first = firstWhole(exchanges, budget, sizeOf);
  const older = exchanges.slice(0, first);
  return exchanges.slice(first).flatMap((exchange, index): ModelMessage[] => {
    const { question, answer, seq } = exchange;
    const found = index === 0 ? older.flatMap(factsOf).slice(-MAX_FACTS) : [];
    const earlier = index === 0 && older.length > 0 ? { earlier: digest(older, found) } : {};
    const facts = [...found, ...factsOf(exchange)];
    const recalled = facts.length > 0 || "earlier" in earlier;
    return [
      { role: "user", content: question },
      ...(recalled ? recall(seq, { ...earlier, facts }) : []),
      ...(answer === ""
        ? []
        : [{ role: "assistant", content: cutTokens(answer, budget), toolCalls: [] } as const]),
    ];
  });
}

/** Tells the older exchanges: the newest summary, the questions asked since, and the figures that were found. */
function digest(older: readonly Exchange[], told: readonly Fact[]) {
  const ids = new Set(told.map(({ id }) => id));
  const summarized = older.findLastIndex(({ summary }) => summary !== null);
  const since = older.slice(summarized + 1);
  const asked = since.slice(-MAX_QUESTIONS);
  return {
    summary: older[summarized]?.summary ?? null,
    questions: asked.map((exchange) => ({
      asked: cutTokens(exchange.question, QUESTION_TOKENS),
      facts: factsOf(exchange).flatMap(({ id }) => (ids.has(id) ? id : [])),
    })),
    left_out: since.length - asked.length,
  };
}

function recall(seq: number, content: object): ModelMessage[] {
  const id = CallId.parse(`${RECALL}_${seq}`);
  return [
    { role: "assistant", content: "", toolCalls: [{ id, name: RECALL, arguments: "{}" }] },
    { role: "tool", callId: id, content: JSON.stringify(content) },
  ];
}

/** Gives the figures of a run ids that differ from those of every other run. */
function factsOf({ seq, facts }: Exchange): Fact[] {
  return facts.flatMap((fact) => {
    const id = FactId.safeParse(`r${seq}.${fact.id}`);
    return id.success ? { ...fact, id: id.data } : [];
  });
}

function tokensOf({ question, answer, facts }: Exchange): number {
  return countTokens(question) + countTokens(answer) + countTokens(JSON.stringify(facts));
}
