/** What a number is of, as its unit or the field it stands in says. */
import type { FigureKind, Reading } from "./figure-text.ts";

const KEYS: readonly (readonly [RegExp, FigureKind, number])[] = [
  [/(?:^|_)usd(?![a-z])/i, "money", 1],
  [/(?:^|_)(?:pct|percent)(?![a-z])|^%/i, "percent", 1],
  [/(?:^|_)ms$/i, "time", 1],
  [/(?:^|_)(?:s|secs?|seconds?)$/i, "time", 1_000],
  [/(?:^|_)(?:min|minutes?)$/i, "time", 60_000],
  [/(?:^|_)(?:h|hours?)$/i, "time", 3_600_000],
  [/(?:^|_)days?$/i, "time", 86_400_000],
  [/(?:^|_)weeks?$/i, "time", 604_800_000],
  [/(?:^|_)months?$/i, "time", 30.4375 * 86_400_000],
];

/** What a number is, as the field it stands in says. */
export interface Meaning {
  readonly kind: FigureKind;
  readonly scale: number;
}

export const PLAIN: Meaning = { kind: "plain", scale: 1 };

/** @param name of a field, or of a unit. */
export function meaningOf(name: string): Meaning {
  const [, kind, scale] = KEYS.find(([pattern]) => pattern.test(name)) ?? [];
  return kind === undefined || scale === undefined ? PLAIN : { kind, scale };
}

/** @returns whether a number, rounded as the reading is, is that reading. */
export function isWithin(number: number, { value, half }: Reading): boolean {
  return Math.abs(number - value) <= half + 1e-9 * Math.abs(value);
}
