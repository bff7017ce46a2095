/** The models that the sample company calls, and how quickly each one answers. */

/** How a provider's cache comes to hold the beginning of a prompt. */
export type Caching =
  /** Whatever a prompt begins with is kept, and writing it costs nothing. */
  | "automatic"
  /** What the caller marks is kept, and writing it has a price. */
  | "marked"
  | "none";

export interface Model {
  readonly provider: string;
  readonly name: string;
  readonly caching: Caching;
  /** Tokens below which nothing is cached. */
  readonly cacheMinimum: number;
  /** Milliseconds until the first token, and for each token of output. */
  readonly firstTokenMs: number;
  readonly tokenMs: number;
  readonly errorShare: number;
}

const gpt = { provider: "openai", caching: "automatic", cacheMinimum: 1_024 } as const;
const claude = { provider: "anthropic", caching: "marked" } as const;

export const MODELS = {
  opus: {
    ...claude,
    name: "claude-opus-5-5",
    cacheMinimum: 512,
    firstTokenMs: 1_100,
    tokenMs: 16,
    errorShare: 0.02,
  },
  sonnet: {
    ...claude,
    name: "claude-sonnet-5",
    cacheMinimum: 1_024,
    firstTokenMs: 800,
    tokenMs: 12,
    errorShare: 0.025,
  },
  haiku: {
    ...claude,
    name: "claude-haiku-4-5",
    cacheMinimum: 4_096,
    firstTokenMs: 400,
    tokenMs: 7,
    errorShare: 0.02,
  },
  gpt: { ...gpt, name: "gpt-5.4", firstTokenMs: 900, tokenMs: 14, errorShare: 0.02 },
  mini: { ...gpt, name: "gpt-5.4-mini", firstTokenMs: 350, tokenMs: 6, errorShare: 0.015 },
  flash: {
    provider: "google",
    name: "gemini-3.5-flash",
    caching: "automatic",
    cacheMinimum: 4_096,
    firstTokenMs: 300,
    tokenMs: 5,
    errorShare: 0.02,
  },
  /** Served by the company itself: no list has a price for it. */
  own: {
    provider: "self-hosted",
    name: "atlas-70b-instruct",
    caching: "none",
    cacheMinimum: 0,
    firstTokenMs: 500,
    tokenMs: 20,
    errorShare: 0.05,
  },
} as const satisfies Record<string, Model>;
