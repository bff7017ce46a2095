/** The note that an import is under way: it outlives the page, so that what a reload cut off can go on. */
import { number, object, text } from "../../client/checks.ts";
import { readRow, removeRow, roomOf, writeRow } from "../stored-rows.ts";

/** What is known of an import without its file. */
export interface ImportNote {
  /** The file's own: the same file has the same. */
  readonly id: string;
  readonly name: string;
  /** Rows in the file. */
  readonly rows: number;
}

const isImportNote = object<ImportNote>({ id: text, name: text, rows: number });

const keyOf = (userId: string) => `${roomOf("import", userId)}latest`;

/** @returns the import of this browser's that has not come to its end; null where there is none. */
export function readNote(userId: string): ImportNote | null {
  const note = readRow(keyOf(userId));
  return isImportNote(note) ? note : null;
}

export function writeNote(userId: string, note: ImportNote): void {
  writeRow(keyOf(userId), note);
}

export function removeNote(userId: string): void {
  removeRow(keyOf(userId));
}
