/** The shortest prefix that a model caches: below it caching fails without a word. */
import type { CallModel } from "./workload.ts";

const CLAUDE = "https://platform.claude.com/docs/en/build-with-claude/prompt-caching";
const GEMINI = "https://ai.google.dev/gemini-api/docs/caching";
const OPENAI = "https://developers.openai.com/api/docs/guides/prompt-caching";

/** Input tokens, by the first pattern that fits the model's name; read on 2026-11-21. */
const CACHE_MINIMUMS = [
  { provider: "anthropic", model: /(opus|fable|mythos)-5/, tokens: 512, source: CLAUDE },
  { provider: "anthropic", model: /opus-4[-.][56]|haiku-4[-.]5/, tokens: 4_096, source: CLAUDE },
  { provider: "anthropic", model: /opus-4[-.]7|haiku/, tokens: 2_048, source: CLAUDE },
  { provider: "anthropic", model: /./, tokens: 1_024, source: CLAUDE },
  { provider: "google", model: /gemini-2\.5/, tokens: 2_048, source: GEMINI },
  { provider: "google", model: /./, tokens: 4_096, source: GEMINI },
  { provider: "openai", model: /./, tokens: 1_024, source: OPENAI },
] as const;

/** @returns input tokens; null where nobody said that the provider caches. */
export function cacheMinimum({ provider, asked, answered }: CallModel): number | null {
  const name = answered ?? asked;
  const rule = CACHE_MINIMUMS.find((row) => row.provider === provider && row.model.test(name));
  return rule?.tokens ?? null;
}
