/** The colours of the page, held to the contrast that WCAG 2.2 AA asks for. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("../../../src/web/design/tokens.css", import.meta.url), "utf8");

/** A token's colours, light and dark. */
const COLOURS = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[\da-f]{6}), (#[\da-f]{6})\)/g)].map(
    ([, name = "", light = "", dark = ""]) => [name, { light, dark }],
  ),
);
const SURFACES = ["ground", "raised", "overlay"];
const TONES = ["accent", "danger", "warning", "success"];
const named = (part: string) => [...COLOURS.keys()].filter((name) => name.startsWith(part));

/** SC 1.4.3: text against what lies behind it. */
const TEXT: readonly (readonly [string, string])[] = [
  ...SURFACES.flatMap((surface) =>
    ["ink", "quiet", "accent-strong", ...TONES].map((text) => [text, surface] as const),
  ),
  ...TONES.flatMap((tone) => [[tone, `${tone}-soft`] as const, ["ink", `${tone}-soft`] as const]),
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
  ["on-danger", "danger"],
  ["ink", "selection"],
  ...named("code-").map((syntax) => [syntax, "raised"] as const),
];

/** SC 1.4.11: what one must see to use it, against what lies beside it. */
const SHAPES: readonly (readonly [string, string])[] = ["edge", ...named("chart-")].flatMap(
  (shape) => SURFACES.map((surface) => [shape, surface] as const),
);

describe.each(["light", "dark"] as const)("in %s", (theme) => {
  it.each(TEXT)("%s is read on %s", (text, surface) => {
    expect(contrast(colour(text, theme), colour(surface, theme))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(SHAPES)("%s is seen on %s", (shape, surface) => {
    expect(contrast(colour(shape, theme), colour(surface, theme))).toBeGreaterThanOrEqual(3);
  });
});

function colour(name: string, theme: "light" | "dark"): string {
  const both = COLOURS.get(name);
  if (both === undefined) throw new Error(`There is no token --${name}.`);
  return both[theme];
}

/** As WCAG 2.2 defines the contrast ratio. */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((from) => Number.parseInt(hex.slice(from, from + 2), 16) / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
