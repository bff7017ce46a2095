/** Reads a question about model use by its words: what is asked, over which days, of whom, split by what. */

/** What the demo can have computed, in the order it is computed and told. */
export const TOPICS = [
  {
    tool: "usage_summary",
    title: "Usage",
    asks: "how much is used and how well it works",
    gives: "counts the requests, tokens and errors",
    words:
      "usage|volume|requests?|calls?|tokens?|errors?|fail|traffic|cach|how many|overview|summar|workload|monitor|report|health|activity",
  },
  {
    tool: "cost_breakdown",
    title: "Cost",
    asks: "where the money goes",
    gives: "splits the recorded cost into its parts",
    words:
      "costs?\\b|spend|spent|expens|money|bill|budget|dollar|pay|paid|pric(?:e|ing)|charge|invoice",
  },
  {
    tool: "model_comparison",
    title: "Models",
    asks: "which model does the work best for its price",
    gives: "compares the models by price, latency and errors",
    words:
      "compar|cheap|which models?|other models?|better models?|switch|migrat|latenc|slow|fast|speed|quality|versus|vs\\b|alternative",
  },
] as const;

/** A wish to improve, without a word on what: everything is looked at. */
const OPTIMISATION =
  "optimi[sz]|sav(?:e|ing)|reduc|cut|improv|lower|waste|efficien|recommend|analy[sz]|perform|audit";

const SMALL_TALK =
  "hello|hi|hey|good (?:morning|afternoon|evening)|thanks?|thank you|bye|help|who are you|what are you|what can you do|what do you do";

const FOLLOW_UP = "and|what about|how about|same|now|only|again|instead";

const DIMENSIONS = {
  model: "models?",
  feature: "features?|use cases?",
  team: "teams?|departments?",
  environment: "environments?|env",
  user: "users?|customers?|persons?|people",
  provider: "providers?|vendors?",
  day: "days?|daily|dates?",
} as const;

type Dimension = keyof typeof DIMENSIONS;
const dimensions = ["model", "feature", "team", "environment", "user", "provider", "day"] as const;
const dimensionWords = Object.values(DIMENSIONS).join("|");

/** What may be filtered by; "last", "each" and their like are no names. */
const FILTERABLE = "model|feature|environment|user|team";
const NO_NAME = "each|every|which|what|any|all|this|that|the|my|our|your|last|past|same|a|an|per|by";

const MODEL_NAME =
  /\b(?:gpt|claude|gemini|gemma|llama|mistral|ministral|deepseek|qwen|grok|o\d)(?:-[a-z0-9.]+)+/gi;

const UNIT_DAYS = { hour: 1 / 24, day: 1, week: 7, month: 30, quarter: 90, year: 365 } as const;
const MAX_DAYS = 365;
const MAX_DIMENSIONS = 3;

/** The words that led to a tool. */
export interface Asked {
  readonly topic: (typeof TOPICS)[number];
  readonly words: readonly string[];
}

export interface Question {
  readonly asked: readonly Asked[];
  readonly smallTalk: boolean;
  /** It leans on the question before it: "and by team?", "what about last month?" */
  readonly followUp: boolean;
  readonly lastDays?: number;
  readonly dimensions?: readonly Dimension[];
  readonly top?: number;
  readonly filters?: Readonly<Record<string, string>>;
  readonly models?: readonly string[];
}

/** @returns what can be read out of the words; nothing a person writes makes it fail. */
export function readQuestion(text: string): Question {
  const vague = words(text, OPTIMISATION);
  const asked = TOPICS.map((topic) => ({ topic, words: [...words(text, topic.words), ...vague] }));
  const lastDays = daysIn(text);
  const split = dimensionsIn(text);
  const top = Number(/\btop[ -]?(\d{1,2})\b/i.exec(text)?.[1] ?? 0);
  const named = [...new Set(text.match(MODEL_NAME)?.map((name) => name.toLowerCase()))];
  const filters = filtersIn(text);
  const details = {
    ...(lastDays !== undefined && { lastDays }),
    ...(split.length > 0 && { dimensions: split }),
    ...(top > 0 && { top }),
    ...(Object.keys(filters).length > 0 && { filters }),
    ...(named.length > 0 && { models: named }),
  };
  return {
    asked: asked.filter((topic) => topic.words.length > 0),
    smallTalk: new RegExp(`^\\W*(?:${SMALL_TALK})\\b`, "i").test(text),
    followUp:
      Object.keys(details).length > 0 || new RegExp(`^\\W*(?:${FOLLOW_UP})\\b`, "i").test(text),
    ...details,
  };
}

/**
 * @param questions all the user asked so far, the newest last.
 * @returns the newest question; a follow-up takes over what it leaves out.
 */
export function readConversation(questions: readonly string[]): Question {
  return questions.map(readQuestion).reduce<Question>((before, question) => {
    if (question.asked.length > 0 || !question.followUp) {
      // Small talk and riddles in between don't end a subject.
      return question.asked.length > 0 ? question : { ...before, ...silent(question) };
    }
    return { ...before, ...question, asked: before.asked };
  }, NOTHING);
}
