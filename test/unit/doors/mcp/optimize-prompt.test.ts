/** Looking through a prompt: nothing is taken out that means something, and no saving is made up. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countTokens } from "../../../../src/core/tokens.ts";
import { cachePrefix, cacheWorth, trimPrompt } from "../../../../src/doors/mcp/optimize-prompt.ts";

const RATES = { input: 1, cache_read: 0.1, cache_write: 1.25, output: 5 };
const RULE = "Answer from the tool results alone, and name the tool of each figure you state.";

describe("trimming", () => {
  it("takes out blanks that say nothing, and leaves code as it stands", () => {
    const code = "```\nif  x:\n    y   \n```";
    const { text, trims } = trimPrompt(`Do   this. \n\n\n\nThen that:\n\n${code}\n`);

    expect(text).toBe(`Do this.\n\nThen that:\n\n${code}`);
    expect(trims.map(({ rule }) => rule)).toEqual(["whitespace"]);
  });

  it("says a long paragraph once, and keeps short ones and those that change", () => {
    const changes = `${RULE} {{name}}`;
    const short = "Example:";
    const parts = [RULE, short, changes, RULE, short, changes];
    const { text, trims } = trimPrompt(parts.join("\n\n"));

    expect(text).toBe([RULE, short, changes, short, changes].join("\n\n"));
    expect(trims).toEqual([{ rule: "repeated_paragraph", count: 1, tokens: expect.any(Number) }]);
  });

  it("keeps every word in its order, but those of repeated paragraphs, and finds nothing twice", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (prompt) => {
        const { text } = trimPrompt(prompt);
        const words = (of: string) => of.split(/\s+/).filter(Boolean);

        expect(words(prompt)).toEqual(expect.arrayContaining(words(text)));
        expect(trimPrompt(text).text).toBe(text);
      }),
    );
  });
});

describe("the cache", () => {
  it("keeps what stands before the first place that changes", () => {
    const prefix = cachePrefix(`${RULE} {{question}} ${RULE}`, 1_024);

    expect(prefix.firstPlaceholder).toBe("{{question}}");
    expect(prefix.prefixTokens).toBe(countTokens(`${RULE} `));
    expect(prefix.stableTokens).toBeGreaterThan(prefix.prefixTokens);
  });

  it("is worth nothing below the model's minimum, or where nobody knows of one", () => {
    expect(cacheWorth(cachePrefix(RULE, 1_024), RATES)).toBeNull();
    expect(cacheWorth(cachePrefix(RULE, null), RATES)).toBeNull();
    expect(cacheWorth(cachePrefix(RULE, 1), { ...RATES, cache_read: 1 })).toBeNull();
  });

  it("tells what a hit saves, what a miss costs, and where the two meet", () => {
    const prefix = { ...cachePrefix(RULE, 1), prefixTokens: 1_000_000 };
    const worth = cacheWorth(prefix, RATES);

    expect(worth?.hit_saves_usd).toBeCloseTo(0.9);
    expect(worth?.miss_costs_usd).toBeCloseTo(0.25);
    expect(worth?.break_even_pct).toBeCloseTo((100 * 0.25) / 1.15);
  });
});
