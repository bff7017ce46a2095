/** What a model is told of a conversation before: its newest exchanges whole, the older ones by what they found. */
import { CallId, FactId } from "../protocol/ids.ts";
import type { Fact } from "./grounding/facts.ts";
import type { ModelMessage } from "./model.ts";
import { countTokens, cutTokens } from "./tokens.ts";

/** A question and its answer, with the figures its run found. */
export interface Exchange {
  /** The seq its question was accepted at: it names the run's figures among those of others. */
  readonly seq: number;
  readonly question: string;
  readonly answer: string;
  readonly facts: readonly Fact[];
  /** What a model has made of everything up to this exchange; null where none did. */
  readonly summary: string | null;
}

/** The function whose results hold what was found before; it is told of, and never offered. */
export const RECALL = "recall_figures";
/** @returns whether a call is one of ours that recalls: its content is then what {@link remember} told. */
export function isRecall(callId: CallId): boolean {
  return callId.startsWith(`${RECALL}_`);
}

/** The share of a model's window for what was said before; tools and the answer need the rest. */
const SHARE = 1 / 4;
/** A window where the model's is not known, and the most of one that is paid for again in each turn. */
const WINDOW = 128_000;
/** Figures of older exchanges, and older questions, that are told: the newest. */
const MAX_FACTS = 60;
const MAX_QUESTIONS = 30;
const QUESTION_TOKENS = 60;

/** @returns how many tokens of a conversation a model is given. */
export function memoryBudget(window: number | null): number {
  return Math.floor(Math.min(window ?? WINDOW, WINDOW) * SHARE);
}

/** How many tokens an exchange is. */
export type SizeOf = (exchange: Exchange) => number;

/** @returns the sizes of one conversation's exchanges, each counted once: what was said does not change. */
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
 * @returns the index of the first exchange that is told whole: the newest always is.
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
 * What was found comes as results of a function, which are data to a model, and no orders.
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

/** Everything up to the newest summary in its words, and what was asked since, with the figures that are told. */
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

/** The figures of a run under ids that no figure of a later run has. */
function factsOf({ seq, facts }: Exchange): Fact[] {
  return facts.flatMap((fact) => {
    const id = FactId.safeParse(`r${seq}.${fact.id}`);
    return id.success ? { ...fact, id: id.data } : [];
  });
}

function tokensOf({ question, answer, facts }: Exchange): number {
  return countTokens(question) + countTokens(answer) + countTokens(JSON.stringify(facts));
}
