/** What can be said of one prompt without running it: what it holds twice or for nothing, and what a cache would keep. */
import { countTokens } from "../../core/tokens.ts";
import { costOf, type Rates } from "../../usage/prices.ts";

/** Where a prompt stops being the same at each call: `{{name}}`, `${name}`, `{name}` or `<%= name %>`. */
const PLACEHOLDER = /\{\{[^{}]{1,100}\}\}|\$\{[^{}]{1,100}\}|\{[a-z_]\w{0,63}\}|<%=[^%]{1,100}%>/i;
/** Shorter paragraphs are repeated on purpose: headings, separators, examples' labels. */
const REPEATED_LENGTH = 60;
const FENCE = /(^```[^\n]*\n[\s\S]*?^```)/m;

/** One thing that was taken out, and how many tokens that is worth. */
interface Trim {
  readonly rule: "whitespace" | "repeated_paragraph";
  readonly count: number;
  readonly tokens: number;
}

interface TrimmedPrompt {
  readonly text: string;
  readonly trims: readonly Trim[];
}

/** @returns the prompt without what says nothing: nothing in it means something else than before. */
export function trimPrompt(prompt: string): TrimmedPrompt {
  const tidy = prompt.split(FENCE).map(withoutBlanks).join("").trim();
  const unique = withoutRepeated(tidy);
  const trims: Trim[] = [
    {
      rule: "whitespace",
      count: prompt.length - tidy.length,
      tokens: countTokens(prompt) - countTokens(tidy),
    },
    {
      rule: "repeated_paragraph",
      count: unique.repeated,
      tokens: countTokens(tidy) - countTokens(unique.text),
    },
  ];
  return { text: unique.text, trims: trims.filter(({ count }) => count > 0) };
}

/** Code keeps its blanks; every second part of a text that is split at its fences is code. */
function withoutBlanks(part: string, index: number): string {
  if (index % 2 === 1) return part;
  return part
    .replaceAll(/[ \t]+$/gm, "")
    .replaceAll(/(?<=\S)[ \t]{2,}/g, " ")
    .replaceAll(/\n{3,}/g, "\n\n");
}

function withoutRepeated(text: string): { readonly text: string; readonly repeated: number } {
  const parts = text.split(FENCE);
  const seen = new Set<string>();
  let repeated = 0;
  const kept = parts.map((part, index) => {
    if (index % 2 === 1) return part;
    return part
      .split("\n\n")
      .filter((paragraph) => {
        const key = paragraph.trim();
        if (key.length < REPEATED_LENGTH || PLACEHOLDER.test(key)) return true;
        if (!seen.has(key)) return Boolean(seen.add(key));
        repeated += 1;
        return false;
      })
      .join("\n\n");
  });
  return { text: kept.join(""), repeated };
}

/** What a prompt cache can hold of a prompt: only its beginning, up to what changes. */
export interface CachePrefix {
  /** Tokens before the first placeholder; all of them where there is none. */
  readonly prefixTokens: number;
  /** Tokens that stay the same, wherever they stand: what could be a prefix. */
  readonly stableTokens: number;
  readonly firstPlaceholder: string | null;
  /** The shortest prefix that the model caches; null where nobody said that it caches. */
  readonly minimumTokens: number | null;
}

/** @param minimumTokens see {@link CachePrefix}. */
export function cachePrefix(prompt: string, minimumTokens: number | null): CachePrefix {
  const first = PLACEHOLDER.exec(prompt);
  const everywhere = new RegExp(PLACEHOLDER.source, "gi");
  return {
    prefixTokens: countTokens(first === null ? prompt : prompt.slice(0, first.index)),
    stableTokens: countTokens(prompt.replaceAll(everywhere, "")),
    firstPlaceholder: first?.[0] ?? null,
    minimumTokens,
  };
}

/** What a cache is worth for one call, in US$. */
interface CacheWorth {
  /** Saved when the beginning is in the cache. */
  readonly hit_saves_usd: number;
  /** Paid on top when it is not, and is written. */
  readonly miss_costs_usd: number;
  /** The share of hits from which on caching pays, in percent. */
  readonly break_even_pct: number;
}

/** @returns null where the prefix is too short to be cached, or caching it is worth nothing. */
export function cacheWorth(prefix: CachePrefix, rates: Rates): CacheWorth | null {
  const { prefixTokens: tokens, minimumTokens } = prefix;
  if (minimumTokens === null || tokens < minimumTokens) return null;
  const plain = {
    input_tokens: tokens,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: 0,
  };
  const whole = costOf(plain, rates);
  const hit = whole - costOf({ ...plain, cache_read_tokens: tokens }, rates);
  const miss = costOf({ ...plain, cache_write_tokens: tokens }, rates) - whole;
  if (hit <= 0) return null;
  return {
    hit_saves_usd: hit,
    miss_costs_usd: Math.max(0, miss),
    break_even_pct: (100 * Math.max(0, miss)) / (hit + Math.max(0, miss)),
  };
}
