/** What a file is made of: rows, each with the line it begins on, whole or broken. */

export type Row =
  | { readonly line: number; readonly value: unknown; readonly text: string }
  | { readonly line: number; readonly broken: string; readonly text: string };
