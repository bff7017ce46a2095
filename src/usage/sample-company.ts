/** The sample company: which features it runs, on which models, and how each one behaves. */
import type { UsageRecord } from "./record.ts";

export interface Model {
  readonly provider: string;
  readonly name: string;
  /** Milliseconds until the first token, and for each token of output. */
  readonly firstTokenMs: number;
  readonly tokenMs: number;
  readonly errorShare: number;
  /** Whether putting a prompt into the cache is billed, and so reported. */
  readonly writesCache: boolean;
}

const gpt = { provider: "openai", writesCache: false };
const claude = { provider: "anthropic", writesCache: true };
const MODELS = {
  large: { ...gpt, name: "gpt-5.4", firstTokenMs: 900, tokenMs: 14, errorShare: 0.02 },
  mini: { ...gpt, name: "gpt-5.4-mini", firstTokenMs: 350, tokenMs: 6, errorShare: 0.015 },
  sonnet: { ...claude, name: "claude-sonnet-5", firstTokenMs: 800, tokenMs: 12, errorShare: 0.025 },
  haiku: { ...claude, name: "claude-haiku-4-5", firstTokenMs: 400, tokenMs: 7, errorShare: 0.02 },
  flash: {
    provider: "google",
    name: "gemini-3.5-flash",
    firstTokenMs: 300,
    tokenMs: 5,
    errorShare: 0.02,
    writesCache: false,
  },
  /** Served by the company itself: no list has a price for it. */
  own: {
    provider: "self-hosted",
    name: "atlas-70b-instruct",
    firstTokenMs: 500,
    tokenMs: 20,
    errorShare: 0.05,
    writesCache: false,
  },
} as const satisfies Record<string, Model>;

export interface Feature {
  readonly name: string;
  readonly teams: readonly [string, ...string[]];
  /** Repeated as often as it is chosen. */
  readonly models: readonly [Model, ...Model[]];
  /** Requests on a weekday of the first week. */
  readonly perDay: number;
  /** The share of a weekday's requests that a day of the weekend has. */
  readonly weekend: number;
  /** When in the day the requests come, hours UTC. */
  readonly hours: readonly [from: number, to: number];
  readonly medianInput: number;
  readonly medianOutput: number;
  readonly reasoningShare: number;
  /** How much longer the prompts are at the end than at the beginning. */
  readonly promptGrowth: number;
  /** How often the prompt's stable part is read from a cache, and how large that part is. */
  readonly cacheHits: number;
  readonly cacheablePart: number;
  readonly serviceTier: string | null;
  readonly interactive: UsageRecord["interactive"];
}

const CHAT = { weekend: 0.4, hours: [7, 21], serviceTier: "standard", interactive: 1 } as const;
const JOB = { weekend: 1, hours: [0, 5], cacheHits: 0, cacheablePart: 0, interactive: 0 } as const;

/** What the company does with models, one stream of requests each. */
export const FEATURES: readonly Feature[] = [
  {
    ...CHAT,
    name: "support-chat",
    teams: ["support", "support", "growth"],
    models: [MODELS.large, MODELS.large, MODELS.sonnet],
    perDay: 52,
    medianInput: 3_200,
    medianOutput: 380,
    reasoningShare: 0.2,
    promptGrowth: 0.5,
    cacheHits: 0.55,
    cacheablePart: 0.6,
  },
  {
    ...CHAT,
    name: "ticket-triage",
    teams: ["support"],
    models: [MODELS.large, MODELS.mini],
    perDay: 42,
    medianInput: 900,
    medianOutput: 40,
    reasoningShare: 0,
    promptGrowth: 0,
    cacheHits: 0,
    cacheablePart: 0,
    interactive: null,
  },
  {
    ...CHAT,
    name: "document-search",
    teams: ["data", "engineering", "support", "growth"],
    models: [MODELS.flash, MODELS.flash, MODELS.haiku],
    perDay: 38,
    medianInput: 6_500,
    medianOutput: 260,
    reasoningShare: 0,
    promptGrowth: 0.1,
    cacheHits: 0.3,
    cacheablePart: 0.35,
  },
  {
    ...CHAT,
    name: "code-review",
    teams: ["engineering"],
    models: [MODELS.sonnet, MODELS.sonnet, MODELS.large],
    perDay: 22,
    weekend: 0.1,
    medianInput: 11_000,
    medianOutput: 1_100,
    reasoningShare: 0.45,
    promptGrowth: 0.15,
    cacheHits: 0.4,
    cacheablePart: 0.5,
  },
  {
    ...CHAT,
    name: "email-drafts",
    teams: ["growth"],
    models: [MODELS.mini, MODELS.own],
    perDay: 24,
    medianInput: 1_400,
    medianOutput: 420,
    reasoningShare: 0,
    promptGrowth: 0,
    cacheHits: 0.1,
    cacheablePart: 0.4,
  },
  {
    ...JOB,
    name: "nightly-summaries",
    teams: ["data", "growth"],
    models: [MODELS.mini, MODELS.haiku],
    perDay: 20,
    medianInput: 9_000,
    medianOutput: 700,
    reasoningShare: 0,
    promptGrowth: 0,
    serviceTier: "batch",
  },
];
