/** An answer of the contract test, and what is left of it once nothing in it is of one run alone. */
import { z } from "zod";

export interface RecordedAnswer {
  readonly operation: string;
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

declare module "vitest" {
  interface TaskMeta {
    /** What an operation was answered, where it was well. */
    answer?: RecordedAnswer;
  }
}

/** Items of a list, and characters of a text, that an example shows. */
const MAX_ITEMS = 1;
const MAX_TEXT = 1_200;

const UUID = /[0-9a-f]{8}-?[0-9a-f]{4}-?[47][0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
/** When everything was recorded, as the examples have it. */
const NOW = Date.UTC(2026, 10, 3, 10);
const SECOND = 1_000;
/** What would pass for a secret, or is a name that a test made up. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, "<token>"],
  [/\b(apx|inv|whsec)_[\w+/=-]{12,}/g, "$1_example"],
  [/[\w.+-]+@[\w.-]+\.(com|test)/g, "ada@example.com"],
  [/secret-(?=[0-9a-f]{8}-)[0-9a-f-]{36}/g, "Nightly report"],
  [/(?<![\w-])[\w-]{43}(?![\w-])/g, "example-of-random-text"],
  [/apex\.test/g, "apex.example.com"],
  [/"[0-9a-f]{64}"/g, `"${"0".repeat(64)}"`],
];

/** @returns the answers by operation; the same id is the same in all of them. */
export function scrubbed(answers: readonly RecordedAnswer[]): Record<string, unknown> {
  const recordedAt = Date.now();
  const ids = new Map<string, string>();
  const idOf = (id: string) => {
    const known =
      ids.get(id) ?? `019aa5c2-7d10-7c3e-9f4b-${String(ids.size + 1).padStart(12, "0")}`;
    ids.set(id, known);
    return known;
  };
  const timeOf = (time: string) => {
    const moved = NOW + Date.parse(time) - recordedAt;
    return new Date(Math.round(moved / SECOND) * SECOND).toISOString();
  };
  return Object.fromEntries(
    answers.map(({ operation, status, type, text }) => {
      const isJson = type === "application/json";
      const short = isJson ? JSON.stringify(shortened(JSON.parse(text))) : cutAtLine(text);
      const plain = WORDS.reduce((some, [found, put]) => some.replaceAll(found, put), short);
      const named = plain.replaceAll(UUID, idOf).replaceAll(TIME, timeOf);
      return [operation, { status, type, example: isJson ? JSON.parse(named) : named }];
    }),
  );
}

function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map(shortened);
  const fields = z.record(z.string(), z.unknown()).safeParse(value);
  if (!fields.success) return value;
  return Object.fromEntries(Object.entries(fields.data).map(([name, of]) => [name, shortened(of)]));
}

/** Text is shown up to the end of a line. */
function cutAtLine(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  return text.slice(0, text.lastIndexOf("\n", MAX_TEXT) + 1);
}
