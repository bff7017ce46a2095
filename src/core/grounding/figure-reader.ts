/** Cuts a text that streams in into its words, its figures, and its references to facts. */
import type { Before } from "./fact-stated.ts";
import { type Figure, readNumber } from "./figure-text.ts";

export type TextPart =
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "figure";
      readonly text: string;
      readonly figure: Figure;
      readonly before: Before;
    }
  /** `unit` is what the writer put behind it, which the rendered figure may have itself. */
  | { readonly type: "reference"; readonly id: string; readonly unit: string };

/** What is read of a text before a number, to know it for a date, a name or an amount. */
const CONTEXT = 80;
/** So much of a word is waited for; a longer one is judged by its beginning. */
const LONGEST = 64;
/** So much of a reference, its braces included. */
const LONGEST_REFERENCE = 200;

const INTERESTING = /[\p{Nd}{]/u;
const REFERENCE = /^\{\{\s*fact:\s*([^{}\s]*)\s*\}\}( ?(?:%|(?:ms|USD)(?![\p{L}\p{N}])))?/iu;
/** A reference behind which a unit may still come. */
const REFERENCE_OPEN = /^\{\{[^{}]*\}\} ?(?:m|ms|U|US|USD)?$/i;
/** A word; thin spaces that part thousands are in it. */
const WORD = /^(?:\S|[\u00a0\u202f\u2009](?=\p{Nd}))+/u;
/** A number, to which the next word may be the unit. */
const OPEN = /^\p{Nd}(?:[\p{Nd}.,'’\u00a0\u202f\u2009]*\p{Nd})?(?:[kKMB]|(?<=^9[059])%)?$/u;
/** A word that goes on in the next one. */
const HALF_UNIT = /^(?:%|thousand|million|billion|trillion|percentage|per|US)$/i;
const THIN = /[\u00a0\u202f\u2009]/;
const FENCE = /^ {0,3}(?:```|~~~)/;

/**
 * Whatever pieces a text comes in, its parts come out the same: a number is told when the words
 * beside it are there, everything else at once. Numbers in fenced code are text.
 */
export class FigureReader {
  #held = "";
  /** The end of what was told, and the beginning of its last line. */
  #before = "\n";
  #line = "";
  #inCode = false;

  /** Takes the next piece of the text. What is told instead of a part goes to {@link told}. */
  *read(piece: string, isLast = false): Generator<TextPart, void, void> {
    this.#held += piece;
    while (this.#held !== "") {
      const at = this.#held.search(INTERESTING);
      if (at < 0) {
        const half = !isLast && /[\ud800-\udbff]$/.test(this.#held) ? 1 : 0;
        if (this.#held.length === half) return;
        yield this.#text(this.#held.length - half);
      } else if (at > 0) yield this.#text(at);
      else {
        const part = this.#held.startsWith("{") ? this.#reference(isLast) : this.#number(isLast);
        if (part === null) return;
        yield part;
      }
    }
  }

  /** Hears what stands in the place of a part, or after it, in the text that is told. */
  told(text: string): void {
    this.#before = (this.#before + text).slice(-CONTEXT);
    const [first = "", ...lines] = text.split("\n");
    this.#line = (this.#line + first).slice(0, CONTEXT);
    for (const line of lines) {
      if (FENCE.test(this.#line)) this.#inCode = !this.#inCode;
      this.#line = line.slice(0, CONTEXT);
    }
  }

  /** @returns null where the rest of it has not come yet. */
  #reference(isLast: boolean): TextPart | null {
    const start = this.#held.slice(0, LONGEST_REFERENCE);
    const whole = REFERENCE.exec(start);
    if (whole) {
      if (!isLast && REFERENCE_OPEN.test(start)) return null;
      this.#held = this.#held.slice(whole[0].length);
      return { type: "reference", id: (whole[1] ?? "").toLowerCase(), unit: whole[2] ?? "" };
    }
    const mayCome = /^\{(?:$|\{[^{}]*\}?$)/.test(start) && start.length < LONGEST_REFERENCE;
    if (mayCome && !isLast) return null;
    return this.#text(1);
  }

  #number(isLast: boolean): TextPart | null {
    const text = this.#wholeNumber(isLast);
    if (text === null) return null;
    if (this.#inCode || FENCE.test(this.#line))
      return this.#text(/^\p{Nd}+/u.exec(text)?.[0].length ?? 1);
    const { length, figure } = readNumber(text, this.#before, this.#line.startsWith("|"));
    if (figure === null) return this.#text(length);
    const before = { line: this.#line, near: this.#before };
    return { ...this.#text(length), type: "figure", figure, before };
  }

  /** @returns the number with the words that may be its unit; null where they may go on. */
  #wholeNumber(isLast: boolean): string | null {
    let end = 0;
    for (let words = 1; ; words += 1) {
      const [word = ""] = WORD.exec(this.#held.slice(end)) ?? [];
      end += word.length;
      if (end >= LONGEST) return this.#held.slice(0, LONGEST);
      const next = this.#held[end];
      const mayGoOn = next === undefined || (THIN.test(next) && end + 1 === this.#held.length);
      if (mayGoOn && !isLast) return null;
      const goesOn = words === 1 ? OPEN.test(word) : HALF_UNIT.test(word);
      if (!goesOn || next === undefined || !/[ \u00a0\u202f]/.test(next)) {
        return this.#held.slice(0, end);
      }
      end += 1;
    }
  }

  #text(length: number): { type: "text"; text: string } {
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    this.told(text);
    return { type: "text", text };
  }
}
