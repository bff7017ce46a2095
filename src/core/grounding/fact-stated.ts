/** Which fact a figure of a text states: by its value or a bound, its unit, and the words before it. */
import type { Fact } from "./facts.ts";
import { isWithin, meaningOf } from "./figure-meaning.ts";
import type { Figure } from "./figure-text.ts";
import { renderFigure } from "./figures.ts";

/** "($4.00 to", "to $6.00", "between $4.00 and": there a bound is told. */
const BOUND_BEFORE = /(?:\(|\bto |\bbetween |\band |\bat least |\bat most )(?:[-+]?[$€£¥])?[-+]?$/i;
const SENTENCE_END = /[.!?]\s|\n/;
/** So many letters of a word tell it, however it ends: "price", "priced". */
const STEM = 5;
/** Words of names that tell no fact from another. */
const COMMON = new Set(["the", "of", "for", "and", "beside", "others", "saving", "cost", "share"]);

/** The words before a figure: the beginning of its line, and what stands right before it. */
export interface Before {
  readonly line: string;
  readonly near: string;
}

/**
 * @param facts in the order they were computed.
 * @returns the fact whose value or bound the figure is. Of several of one meaning it is the one that was
 *   computed first; of several of other meanings it is none, unless the words name one, or one alone is
 *   written so: 3.02 % is "3%", and 3.46 % is "3.5%". A number without a unit may be of anything, so that
 *   it states none.
 */
export function factStated(
  facts: readonly Fact[],
  figure: Figure,
  before: Before,
): Fact | undefined {
  if (figure.kind === "plain" || figure.kind === "multiple") return undefined;
  const [first, other] = BOUND_BEFORE.test(before.near) ? [ofBounds, ofValue] : [ofValue, ofBounds];
  const candidates = facts.filter((fact) => isOf(figure, fact, first(fact)));
  if (candidates.length > 0) return bestOf(candidates, figure, before, first);
  const others = facts.filter((fact) => isOf(figure, fact, other(fact)));
  return bestOf(others, figure, before, other);
}

type NumbersOf = (fact: Fact) => readonly number[];

const ofValue: NumbersOf = ({ value }) => [value];
const ofBounds: NumbersOf = ({ interval }) => (interval ? [interval.low, interval.high] : []);

function isOf({ kind, readings }: Figure, { unit }: Fact, numbers: readonly number[]): boolean {
  const meaning = meaningOf(unit);
  if (meaning.kind !== (kind === "count" ? "plain" : kind)) return false;
  return numbers.some((number) =>
    readings.some((reading) => isWithin(Math.abs(number) * meaning.scale, reading)),
  );
}

/** @returns whether the product itself would write one of the numbers as the figure. */
function isWrittenSo({ readings }: Figure, { unit }: Fact, numbers: readonly number[]): boolean {
  return numbers.some((number) => {
    const written = Number(renderFigure(Math.abs(number), unit).replaceAll(/[^\d.]/g, ""));
    const value = written * meaningOf(unit).scale;
    return readings.some((reading) => isWithin(value, { ...reading, half: 0 }));
  });
}

/**
 * The one whose name has most of its words in the sentence, then in the line, then the one that is
 * written so; those that are one figure stand for each other.
 */
function bestOf(
  facts: readonly Fact[],
  figure: Figure,
  before: Before,
  numbersOf: NumbersOf,
): Fact | undefined {
  const ofSentence = mostNamed(facts, before.near.split(SENTENCE_END).at(-1) ?? "");
  const named = mostNamed(ofSentence, `${before.line} ${before.near}`);
  return (
    onlyOne(named) ?? onlyOne(named.filter((fact) => isWrittenSo(figure, fact, numbersOf(fact))))
  );
}

function onlyOne([first, ...others]: readonly Fact[]): Fact | undefined {
  return first && others.every((each) => isSame(first, each)) ? first : undefined;
}

function mostNamed(facts: readonly Fact[], text: string): readonly Fact[] {
  const told = new Set(wordsOf(text));
  const scored = facts.map((fact) => {
    return { fact, score: wordsOf(fact.name).filter((word) => told.has(word)).length };
  });
  const highest = Math.max(0, ...scored.map(({ score }) => score));
  return scored.filter(({ score }) => score === highest).map(({ fact }) => fact);
}

/** Figures of one name and value; else only such as agree to the last of many digits, which no chance does. */
function isSame(one: Fact, other: Fact): boolean {
  if (one.value !== other.value || one.unit !== other.unit) return false;
  return one.name === other.name || !Number.isInteger(one.value);
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 1 && !COMMON.has(word))
    .map((word) => word.slice(0, STEM));
}
