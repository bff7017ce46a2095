/** Words that no two answers of the model share: where one is told to another thread, it shows. */
import type { Random } from "./random.ts";

/**
 * Of capitals alone, for a product may check the figures in an answer; and before a full stop, so that what a broken
 * stream left of one is none with the first letter of what follows it.
 */
const MARK = /\b[A-Z]{12}(?=\.)/g;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = 4;

/** @returns what makes the mark of a script's n-th step, of up to ten thousand; scripts of other chances have other ones. */
export function marksOf(random: Random): (step: number) => string {
  const letter = (at: number) => LETTERS[at] ?? "";
  const script = Array.from({ length: 8 }, () => letter(random.between(0, LETTERS.length - 1)));
  return (step) => {
    const digits = String(step).padStart(DIGITS, "0");
    return [...script, ...Array.from(digits, (digit) => letter(Number(digit)))].join("");
  };
}

/** @returns the marks in a text where each stands before a full stop, each as often as it is there. */
export function answerMarks(text: string): string[] {
  return text.match(MARK) ?? [];
}
