/** The figures of an answer, found without the product's own reader, each with the fact that it opens. */
import type { Finding, Grounding } from "../../../src/protocol/entities.ts";

const FIGURE = /[-+]?\$[\d,]+(?:\.\d+)?|(?<![\w.,])[\d,]+(?:\.\d+)?(?: ?%| ms)/g;

export interface Stated {
  readonly text: string;
  readonly around: string;
  readonly fact: Finding | undefined;
}

/** Every amount, share and time of an answer, with the fact that it opens. */
export function statedIn(
  answer: string,
  { citations }: Grounding,
  findings: readonly Finding[],
): Stated[] {
  return [...answer.matchAll(FIGURE)].map((match) => {
    const end = match.index + match[0].length;
    const citation = citations.find(
      ({ offset, length }) => offset < end && offset + length > match.index,
    );
    return {
      text: match[0],
      around: answer.slice(Math.max(0, match.index - 70), end + 20),
      fact: findings.find(({ fact_id }) => fact_id === citation?.fact_id),
    };
  });
}

/** The value or the bounds of a fact, as its figure may tell them: without a sign, rounded. */
export function tells(text: string, { value, interval }: Finding): boolean {
  const digits = text.replaceAll(/[^\d.]/g, "");
  const places = digits.split(".")[1]?.length ?? 0;
  const numbers = interval ? [value, interval.low, interval.high] : [value];
  return numbers.some(
    (number) => Math.abs(Math.abs(number) - Number(digits)) <= 0.51 / 10 ** places,
  );
}

/** @returns the unit that a figure is written with, as findings have it. */
export function unitOf(text: string): string {
  return text.includes("$") ? "USD" : text.endsWith("%") ? "%" : "ms";
}
