/** What a format is: how its files unfold into rows, and what a row says of a call. */
import type * as z from "zod";
import { parseReason, type RowReason } from "../row-reasons.ts";
import type { Draft } from "./new-record.ts";

/** What a row comes to: a record to be checked, nothing (it tells of no call of a model), or a fault. */
export type Mapped =
  | {
      readonly kind: "draft";
      readonly draft: object;
      /** When what it sums up ends: until then it still grows. Milliseconds since the Unix epoch. */
      readonly endsAt?: number | undefined;
    }
  | { readonly kind: "ignored" }
  | { readonly kind: "fault"; readonly reason: RowReason };

export interface Format {
  /** The `source` of its records. */
  readonly source: string;
  /** @returns whether a value is one of its rows, or a document of them. */
  recognizes(value: Readonly<Record<string, unknown>>): boolean;
  /** @returns the rows of a value: of a document those inside it, otherwise the value itself. */
  unfold(value: unknown): readonly unknown[];
  /** Pure: the same row comes to the same record, wherever it stands. */
  map(row: unknown): Mapped;
}

const IGNORED: Mapped = { kind: "ignored" };

/**
 * @param endsAt when what a row sums up ends; left out where rows are single calls.
 * @returns a mapping that reads rows by a schema, and what is made of them by a function.
 */
export function mapping<Row extends z.ZodType>(
  schema: Row,
  draft: (row: z.output<Row>) => Draft | null | RowReason,
  endsAt?: (row: z.output<Row>) => number,
): (row: unknown) => Mapped {
  return (row) => {
    const parsed = schema.safeParse(row);
    if (!parsed.success) return { kind: "fault", reason: parseReason(parsed.error, row) };
    const made = draft(parsed.data);
    if (made === null) return IGNORED;
    return "faults" in made
      ? { kind: "fault", reason: made }
      : { kind: "draft", draft: made, endsAt: endsAt?.(parsed.data) };
  };
}

/** @returns the elements that a document has under a name, or the value itself. */
export function elementsOf(value: unknown, name: string): readonly unknown[] {
  const inner = isRecord(value) ? value[name] : undefined;
  return Array.isArray(inner) ? inner : [value];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @returns the same object under names in snake case: exports and APIs differ in nothing else. */
export function snakeCased(row: unknown): unknown {
  if (!isRecord(row)) return row;
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name.replaceAll(
        /[A-Z]/g,
        (letter, at: number) => `${at > 0 ? "_" : ""}${letter.toLowerCase()}`,
      ),
      value,
    ]),
  );
}
