/** What the sample company does with models: one stream of requests a feature, as data. */
import { MODELS, type Model } from "./models.ts";
import type { Plants } from "./plants.ts";

export interface Feature {
  readonly name: string;
  readonly teams: readonly [string, ...string[]];
  readonly models: readonly [Model, ...Model[]];
  /** Requests on a weekday of the first week. */
  readonly perDay: number;
  /** The share of a weekday's requests that a day of the weekend has. */
  readonly weekend: number;
  /** How the requests are spread over the 24 hours of a day (UTC). */
  readonly hours: readonly number[];
  /** Tokens of the prompt's stable beginning: the tools, and with them the system prompt. */
  readonly tools: number;
  readonly system: number;
  /** Tokens of the messages after it, log-normal. */
  readonly message: Spread;
  readonly output: Spread;
  readonly reasoningShare: number;
  readonly temperature: number;
  /** Whether a person waits, and then the answer is streamed to them. */
  readonly interactive: 0 | 1 | null;
  /** Hours within which the answer is needed; null where nobody said. */
  readonly deadlineHours: number | null;
  readonly serviceTier: "standard" | "batch";
  /** Whether the stable beginning is marked for the cache, at providers that want it marked. */
  readonly marksPrefix: boolean;
  /** How often a request repeats a known prompt, and how many of those there are (Pareto). */
  readonly repeats: { readonly share: number; readonly prompts: number } | null;
  readonly plants: Partial<Plants>;
}

/** A log-normal number of tokens. */
export interface Spread {
  readonly median: number;
  readonly sigma: number;
}

/** How often the small model truly passes at what the oversized classifier does. */
export const SMALL_PASSES = 0.96;

const MORNING_AND_AFTERNOON = [
  0, 0, 0, 0, 0, 0, 0.2, 1, 2.4, 3.6, 4, 3.4, 2.6, 3.2, 3.8, 3.6, 2.8, 1.8, 1, 0.6, 0.3, 0.1, 0, 0,
];
const NIGHT = [4, 4, 4, 3, 2, 1, ...Array.from({ length: 18 }, () => 0)];
const EVENLY = Array.from({ length: 24 }, (_, hour) => (hour >= 7 && hour < 21 ? 1 : 0));

const TYPICAL = {
  weekend: 0.35,
  hours: MORNING_AND_AFTERNOON,
  tools: 60,
  system: 240,
  reasoningShare: 0,
  temperature: 0.7,
  interactive: 1,
  deadlineHours: null,
  serviceTier: "standard",
  marksPrefix: false,
  repeats: null,
} as const;

/** Work of the night that nobody waits for. */
const JOB = {
  ...TYPICAL,
  weekend: 1,
  hours: NIGHT,
  temperature: 0.2,
  interactive: 0,
  deadlineHours: 24,
} as const;

export const FEATURES: readonly Feature[] = [
  {
    ...TYPICAL,
    name: "support-chat",
    teams: ["support", "support", "growth"],
    models: [MODELS.opus],
    perDay: 500,
    tools: 8_000,
    system: 56_000,
    message: { median: 4_500, sigma: 0.2 },
    output: { median: 420, sigma: 0.25 },
    marksPrefix: true,
    plants: {
      uncached_prefix: true,
      retry_storm: { at: 0.8, hours: [9, 17], attempts: 5 },
    },
  },
  {
    ...TYPICAL,
    name: "ticket-triage",
    teams: ["support"],
    models: [MODELS.opus],
    perDay: 620,
    message: { median: 15_000, sigma: 0.12 },
    output: { median: 12, sigma: 0.1 },
    interactive: null,
    plants: {
      oversized_classifier: { small: MODELS.haiku, passes: SMALL_PASSES },
      context_bloat: { share: 0.08, medianTokens: 95_000 },
    },
  },
  {
    ...TYPICAL,
    name: "document-search",
    teams: ["data", "engineering", "support", "growth"],
    models: [MODELS.gpt],
    perDay: 520,
    tools: 1_200,
    system: 1_800,
    message: { median: 66_000, sigma: 0.12 },
    output: { median: 700, sigma: 0.12 },
    temperature: 0,
    repeats: { share: 0.62, prompts: 900 },
    plants: { duplicates: true, verbose_output: { share: 0.12, times: 8 } },
  },
  {
    ...TYPICAL,
    name: "code-review",
    teams: ["engineering"],
    models: [MODELS.opus],
    perDay: 290,
    weekend: 0.15,
    tools: 12_000,
    system: 58_000,
    message: { median: 84_000, sigma: 0.15 },
    output: { median: 3_800, sigma: 0.2 },
    reasoningShare: 0.45,
    temperature: 0.2,
    marksPrefix: true,
    plants: { runaway_agent: { at: 0.9, hours: [8, 16], requests: 1_900 } },
  },
  {
    ...JOB,
    name: "nightly-summaries",
    teams: ["data", "growth"],
    models: [MODELS.sonnet],
    perDay: 460,
    message: { median: 105_000, sigma: 0.12 },
    output: { median: 1_200, sigma: 0.12 },
    plants: { batchable_night: true, verbose_output: { share: 0.1, times: 8 } },
  },
  {
    ...TYPICAL,
    name: "research-assistant",
    teams: ["data", "growth"],
    models: [MODELS.opus],
    perDay: 360,
    message: { median: 38_000, sigma: 0.12 },
    output: { median: 900, sigma: 0.2 },
    plants: { context_bloat: { share: 0.13, medianTokens: 125_000 } },
  },
  {
    ...TYPICAL,
    name: "report-writer",
    teams: ["growth"],
    models: [MODELS.gpt],
    perDay: 290,
    tools: 2_000,
    system: 6_000,
    message: { median: 48_000, sigma: 0.15 },
    output: { median: 2_600, sigma: 0.12 },
    plants: { verbose_output: { share: 0.12, times: 8 } },
  },
  {
    ...TYPICAL,
    name: "contract-analysis",
    teams: ["growth"],
    models: [MODELS.sonnet],
    perDay: 26,
    weekend: 0.3,
    hours: EVENLY,
    tools: 1_000,
    system: 29_000,
    message: { median: 70_000, sigma: 0.2 },
    output: { median: 1_800, sigma: 0.2 },
    plants: {},
  },
  {
    ...TYPICAL,
    name: "email-drafts",
    teams: ["growth"],
    models: [MODELS.mini, MODELS.own],
    perDay: 180,
    message: { median: 700, sigma: 0.25 },
    output: { median: 420, sigma: 0.25 },
    temperature: 1,
    repeats: { share: 0.6, prompts: 200 },
    plants: {},
  },
  {
    ...TYPICAL,
    name: "overseas-chat",
    teams: ["support"],
    models: [MODELS.haiku],
    perDay: 140,
    weekend: 0.8,
    hours: NIGHT,
    message: { median: 2_200, sigma: 0.25 },
    output: { median: 300, sigma: 0.25 },
    plants: {},
  },
  {
    ...JOB,
    name: "catalog-tagging",
    teams: ["data"],
    models: [MODELS.flash],
    perDay: 120,
    message: { median: 2_600, sigma: 0.2 },
    output: { median: 90, sigma: 0.2 },
    serviceTier: "batch",
    plants: {},
  },
];
