/** Reads a question about model use by its words: what is asked, for which days, of whom, split by what. */

/** What the demo can have computed, in the order it is computed and told. Words are regular expressions. */
export const TOPICS = [
  {
    tool: "usage_summary",
    title: "Usage",
    asks: "how much is used and how well it works",
    gives: "counts the requests, tokens and errors",
    words:
      "usage|used|consum|volume|requests?|calls?|tokens?|errors?|fail|traffic|cach|how many|overview|summar|workload|monitor|report|activity",
  },
  {
    tool: "cost_breakdown",
    title: "Cost",
    asks: "where the money goes",
    gives: "splits the recorded cost into its parts",
    words:
      "costs?\\b|spend|spent|expens|money|bill|budget|dollar|pays?\\b|paid|pric(?:e|ing)|charge|invoice|break.{0,20}down|split",
  },
  {
    tool: "model_comparison",
    title: "Models",
    asks: "which model does the work best for its price",
    gives: "compares the models by price, latency and errors",
    words:
      "compar|cheap|(?:which|other|better|best) models?|switch|migrat|latenc|slow|fast|speed|quality|versus|vs\\b|alternative",
  },
] as const;

/** A wish to improve that leaves open what: it leads to every topic. */
const OPTIMISATION =
  "optimi[sz]|sav(?:e|ing)|reduc|cut\\b|cutting|improv|lower|waste|efficien|recommend|analy[sz]|perform|audit";

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
  readonly topic: (typeof TOPICS)[number];
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
      question = { ...subject, ...question, asked: subject.asked };
    }
    if (question.asked.length > 0) subject = question;
  }
  return question;
}

function readAlone(text: string): Question {
  const vague = wordsIn(text, OPTIMISATION);
  const asked = TOPICS.map((topic) => ({
    topic,
    words: [...new Set([...wordsIn(text, topic.words), ...vague])],
  })).filter(({ words }) => words.length > 0);
  const details = detailsIn(text);
  return {
    asked,
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
  const lastDays = lastDaysIn(text);
  const dimensions = dimensionsIn(text);
  const top = Number(/\btop[\s-]?(\d{1,2})\b/i.exec(text)?.[1] ?? 0);
  const filters = filtersIn(text);
  const models = [...new Set(text.match(MODEL_NAME)?.map((name) => name.toLowerCase()))];
  return {
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
