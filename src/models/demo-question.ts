/** Reads a question about model use by its words: what is asked, for which days, of whom, split by what. */
import { TOPICS, type Topic } from "./demo-topics.ts";

/** A wish to improve that leaves open what: it is work for the team, or leads to the general topics. */
const IMPROVEMENT =
  "optimi[sz]|sav(?:e|ing)|reduc|cut\\b|cutting|improv|lower|waste|efficien|recommend|analy[sz]|perform|audit";

/** A share to save: "by 30 %", "30 percent". */
const TARGET = /\b(\d{1,2}(?:\.\d{1,2})?|100)\s?(?:%|percent|per cent)/i;
const NO_LATENCY_COST =
  /\b(?:without|not|no|never|don't|keep|same|maintain)\b[^.;]{0,40}(?:latenc|slow|speed|response time|fast)/i;

/** An amount of money: "$50,000", "USD 2.5k". */
const AMOUNT = /(?:\$|\busd|\bdollars?)\s?(\d{1,9}(?:,\d{3})*(?:\.\d{1,2})?)\s?(k|m)?\b/i;

const GREETING =
  /^\W*(?:hello|hi|hey|good (?:morning|afternoon|evening)|thanks?|bye|help|who are you|what are you|what can you do|what do you do)\b/i;

const FOLLOW_UP = /^\W*(?:and|but|what about|how about|same|now|only|again|instead)\b/i;

/** A part of the cost, and how people call it. */
const DIMENSIONS = {
  model: /^models?$/i,
  feature: /^features?$/i,
  team: /^(?:teams?|departments?)$/i,
  environment: /^environments?$/i,
  user: /^(?:users?|customers?)$/i,
  provider: /^(?:providers?|vendors?)$/i,
  day: /^(?:days?|daily)$/i,
} as const;
const SPLIT =
  /\b(?:by|per|each|every|across|which|what)\s+([a-z]+(?:\s*(?:,|and|&|\/)\s*(?:(?:by|per|and)\s+)?[a-z]+){0,5})|\b(daily)\b/gi;

const NEXT_DAYS = /\bnext\s+(?:(\d{1,3})\s*)?(day|week|month|quarter|year)s?\b/i;
const LAST_DAYS =
  /\b(?:last|past|previous|this|current)\s+(?:(\d{1,4})\s*)?(hour|day|week|month|quarter|year)s?\b|\b(\d{1,4})[\s-]?(hour|day|week|month|quarter|year)s?\b/i;
const UNIT_DAYS: Readonly<Record<string, number>> = {
  hour: 1 / 24,
  day: 1,
  week: 7,
  month: 30,
  quarter: 90,
  year: 365,
};
const MAX_DAYS = 365;
const MAX_HORIZON = 90;

/** `team=search`, `team "search"`, `for the search team`, `in production`. */
const FILTERS = [
  /\b(?<field>model|feature|environment|user|team)\s*[:=]\s*["'`]?(?<value>[\w.@/-]{1,64})/gi,
  /\b(?<field>model|feature|environment|user|team)\s+["'`](?<value>[^"'`\n]{1,64})["'`]/gi,
  /\bfor (?:the )?(?!(?:each|every|which|what|any|all|this|that|the|my|our|your|last|past|same|biggest|largest|top|best|worst|cheapest)\b)(?<value>[\w.@-]{1,64}) (?<field>feature|environment|user|team)\b/gi,
  /\b(?:in|for|on) (?<value>production|staging|development)\b/gi,
];

const MODEL_NAME =
  /\b(?:gpt|claude|gemini|gemma|llama|mistral|deepseek|qwen|grok|o\d)(?:-[a-z0-9]+(?:\.[a-z0-9]+)*)+/gi;

/** A topic, and the words that led to it. */
export interface Asked {
  readonly topic: Topic;
  readonly words: readonly string[];
}

export interface Question {
  readonly asked: readonly Asked[];
  readonly greeting: boolean;
  /** It leans on the question before it: "and by team?", "what about last month?" */
  readonly followUp: boolean;
  readonly lastDays?: number;
  readonly dimensions?: readonly string[];
  readonly top?: number;
  readonly filters?: Readonly<Record<string, string>>;
  /** Models named in the question. */
  readonly models?: readonly string[];
  /** The words of a wish to improve. */
  readonly improves: readonly string[];
  /** The share of the cost that is to be saved. */
  readonly targetPct?: number;
  readonly noLatencyCost?: boolean;
  /** Percentiles, in percent. */
  readonly percentiles?: readonly number[];
  /** The days ahead that it asks about. */
  readonly horizonDays?: number;
  /** What an amount of money is for. */
  readonly period?: string;
  /** An amount in US$. */
  readonly amount?: number;
}

/**
 * @param texts what the user wrote in this conversation, the newest last.
 * @returns the newest question; a follow-up takes over what it leaves open itself.
 */
export function readQuestion(texts: readonly string[]): Question {
  let subject: Question | undefined;
  let question = readAlone("");
  for (const text of texts) {
    question = readAlone(text);
    if (question.asked.length === 0 && question.followUp && subject) {
      question = { ...subject, ...question, asked: subject.asked, improves: subject.improves };
    }
    if (question.asked.length > 0) subject = question;
  }
  return question;
}

function readAlone(text: string): Question {
  const improves = wordsIn(text, IMPROVEMENT);
  const asked = TOPICS.map((topic) => ({
    topic,
    words: [
      ...new Set([...wordsIn(text, topic.words), ...(topic.rank === "general" ? improves : [])]),
    ],
  })).filter(({ words }) => words.length > 0);
  const details = detailsIn(text);
  return {
    asked,
    improves,
    greeting: GREETING.test(text),
    followUp: FOLLOW_UP.test(text) || Object.keys(details).length > 0,
    ...details,
  };
}

function wordsIn(text: string, pattern: string): string[] {
  const found = text.match(new RegExp(`\\b(?:${pattern})\\w{0,20}`, "gi")) ?? [];
  return [...new Set(found.map((word) => word.toLowerCase()))].slice(0, 3);
}

function detailsIn(text: string) {
  const lastDays = lastDaysIn(text.replace(NEXT_DAYS, ""));
  const [, ahead = "1", unit = ""] = NEXT_DAYS.exec(text) ?? [];
  const horizonDays = Math.min(Number(ahead) * (UNIT_DAYS[unit.toLowerCase()] ?? 0), MAX_HORIZON);
  const percentiles = [...text.matchAll(/\bp(\d{2}(?:\.\d)?)\b/gi)].map(([, p]) => Number(p));
  const period = /\b(week|month|quarter)/i.exec(text)?.[1]?.toLowerCase();
  const dimensions = dimensionsIn(text);
  const top = Number(/\btop[\s-]?(\d{1,2})\b/i.exec(text)?.[1] ?? 0);
  const filters = filtersIn(text);
  const models = [...new Set(text.match(MODEL_NAME)?.map((name) => name.toLowerCase()))];
  const targetPct = Number(TARGET.exec(text)?.[1] ?? 0);
  const amount = amountIn(text);
  return {
    ...(targetPct > 0 && { targetPct }),
    ...(NO_LATENCY_COST.test(text) && { noLatencyCost: true }),
    ...(amount > 0 && { amount }),
    ...(horizonDays > 0 && { horizonDays }),
    ...(percentiles.length > 0 && { percentiles }),
    ...(amount > 0 && period !== undefined && { period }),
    ...(lastDays > 0 && { lastDays }),
    ...(dimensions.length > 0 && { dimensions }),
    ...(top > 0 && { top }),
    ...(Object.keys(filters).length > 0 && { filters }),
    ...(models.length > 0 && { models }),
  };
}

/** @returns the days the question looks back on, or 0 where it names none. */
function lastDaysIn(text: string): number {
  if (/\b(?:yesterday|today)\b/i.test(text)) return 1;
  const match = LAST_DAYS.exec(text);
  const unit = (match?.[2] ?? match?.[4] ?? "").toLowerCase();
  const days = Number(match?.[1] ?? match?.[3] ?? 1) * (UNIT_DAYS[unit] ?? 0);
  return Math.min(Math.ceil(days), MAX_DAYS);
}

/** @returns the amount of money the question names, in US$, or 0 where it names none. */
function amountIn(text: string): number {
  const [, digits = "0", scale = ""] = AMOUNT.exec(text) ?? [];
  const scales: Readonly<Record<string, number>> = { k: 1e3, m: 1e6 };
  return Number(digits.replaceAll(",", "")) * (scales[scale.toLowerCase()] ?? 1);
}

function dimensionsIn(text: string): string[] {
  const words = [...text.matchAll(SPLIT)].flatMap(([phrase]) => phrase.split(/[^a-z]+/i));
  const named = words.flatMap((word) =>
    Object.entries(DIMENSIONS).flatMap(([name, pattern]) => (pattern.test(word) ? [name] : [])),
  );
  return [...new Set(named)];
}

function filtersIn(text: string): Record<string, string> {
  const found = FILTERS.flatMap((pattern) => [...text.matchAll(pattern)]).map(({ groups }) => [
    groups?.field?.toLowerCase() ?? "environment",
    groups?.value ?? "",
  ]);
  return Object.fromEntries(found);
}
