/** What a file is made of: rows, each with the line it begins on, whole or broken. */
import type { RowReason } from "../row-reasons.ts";

export type Row =
  | { readonly line: number; readonly value: unknown; readonly text: string }
  | { readonly line: number; readonly broken: RowReason; readonly text: string };
