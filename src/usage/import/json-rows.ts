/** JSON out of a stream of text: a value a line, the elements of one array, or one document. */
import { rowReason } from "../row-reasons.ts";
import type { Row } from "./rows.ts";
import { NOT_UTF8 } from "./utf8-text.ts";

/** The most one value may be, in UTF-16 units. */
const MAX_VALUE_LENGTH = 8 * 1024 * 1024;

/**
 * How the text is laid out is read off its beginning: `[` opens an array; a second line that opens a
 * value of its own, or no second line, makes it a value a line; otherwise it is one document.
 * @returns the values, each with the line it begins on; what is no JSON comes as broken.
 */
export async function* jsonRows(texts: AsyncIterable<string>): AsyncGenerator<Row> {
  let start = "";
  const source = texts[Symbol.asyncIterator]();
  for (let next = await source.next(); ; next = await source.next()) {
    if (!next.done) start += next.value;
    const layout = layoutOf(start, next.done === true || start.length > MAX_VALUE_LENGTH);
    if (layout !== null) {
      const reader = new layout();
      yield* reader.take(start);
      for (
        let more = next.done ? next : await source.next();
        !more.done;
        more = await source.next()
      ) {
        yield* reader.take(more.value);
      }
      yield* reader.end();
      return;
    }
    if (next.done) return;
  }
}

interface Reader {
  take(text: string): Iterable<Row>;
  end(): Iterable<Row>;
}

function layoutOf(start: string, isWhole: boolean): (new () => Reader) | null {
  const opening = /\S/.exec(start)?.[0];
  if (opening === undefined) return isWhole ? Lines : null;
  if (opening === "[") return Elements;
  const second = /^\s*\S[^\n]*\n\s*?(\S|[ \t]\S)/.exec(start)?.[1];
  if (second === undefined) return isWhole ? Lines : null;
  return second === "{" || second === "[" || isJson(firstLine(start)) ? Lines : Document;
}

function firstLine(start: string): string {
  return start.trimStart().split("\n", 1)[0] ?? "";
}

function isJson(text: string): boolean {
  return "value" in rowOf(text, 1);
}

/** A value a line (NDJSON). */
class Lines implements Reader {
  #rest = "";
  #line = 0;
  #tooLong = false;

  *take(text: string): Generator<Row> {
    const lines = text.split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      yield* this.#give(this.#rest + line);
      this.#rest = "";
      this.#tooLong = false;
    }
    this.#rest += last;
    if (this.#rest.length > MAX_VALUE_LENGTH) {
      this.#tooLong = true;
      this.#rest = "";
    }
  }

  *end(): Generator<Row> {
    yield* this.#give(this.#rest);
  }

  *#give(line: string): Generator<Row> {
    this.#line += 1;
    if (this.#tooLong) yield tooLong(this.#line);
    else if (line.trim() !== "") yield rowOf(line, this.#line);
  }
}

/** One value, over many lines. */
class Document implements Reader {
  #text = "";

  take(text: string): readonly Row[] {
    if (this.#text.length <= MAX_VALUE_LENGTH) this.#text += text;
    return [];
  }

  end(): readonly Row[] {
    return [this.#text.length > MAX_VALUE_LENGTH ? tooLong(1) : rowOf(this.#text, 1)];
  }
}

/** What the elements of an array are cut by. */
const OUTSIDE = /["{}[\],\n]/g;
const INSIDE = /["\\\n]/g;

/** The elements of one array, however they are spread over lines. */
class Elements implements Reader {
  #text = "";
  #line = 1;
  #begins = 1;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #ended = false;

  *take(text: string): Generator<Row> {
    let kept = 0;
    let at = 0;
    if (this.#escaped && text !== "") {
      this.#escaped = false;
      at = 1;
    }
    while (at < text.length) {
      const marks = this.#inString ? INSIDE : OUTSIDE;
      marks.lastIndex = at;
      const found = marks.exec(text);
      if (found === null) break;
      const { index } = found;
      const [mark] = found;
      at = index + 1;
      if (mark === "\n") this.#line += 1;
      else if (mark === '"') this.#inString = !this.#inString;
      else if (mark === "\\") {
        this.#escaped = at >= text.length;
        at += 1;
      } else if (mark === "{" || mark === "[") {
        this.#depth += 1;
        if (this.#depth === 1) {
          kept = at;
          this.#text = "";
          this.#begins = this.#line;
        }
      } else if (mark === "," ? this.#depth === 1 : --this.#depth === 0) {
        yield* this.#give(text.slice(kept, index));
        kept = at;
        if (mark !== ",") this.#ended = true;
      }
      if (this.#text === "" && text.slice(kept, at).trim() === "") this.#begins = this.#line;
    }
    this.#text += text.slice(kept);
    if (this.#text.length > MAX_VALUE_LENGTH)
      this.#text = this.#text.slice(0, MAX_VALUE_LENGTH + 1);
  }

  *end(): Generator<Row> {
    if (!this.#ended)
      yield { line: this.#begins, broken: rowReason("array_broken_off"), text: cut(this.#text) };
    else yield* this.#give("");
  }

  *#give(end: string): Generator<Row> {
    const text = this.#text + end;
    this.#text = "";
    if (text.length > MAX_VALUE_LENGTH) yield tooLong(this.#begins);
    else if (text.trim() !== "") yield rowOf(text, this.#begins);
  }
}

function rowOf(text: string, line: number): Row {
  if (!text.isWellFormed()) return { line, broken: NOT_UTF8, text: cut(text) };
  try {
    return { line, value: JSON.parse(text), text };
  } catch {
    return { line, broken: rowReason("not_json"), text: cut(text) };
  }
}

function tooLong(line: number): Row {
  return { line, broken: rowReason("row_too_long", { bound: MAX_VALUE_LENGTH }), text: "" };
}

function cut(text: string): string {
  return text.slice(0, 2_000);
}
