/** A file as the server is sent it, and the name that its import goes by. */
import { MAX_FILE_NAME_LENGTH } from "../../protocol/limits.ts";

/** Systems name the type of a CSV as they like, so its name decides. */
export function asUpload(file: File): Blob {
  const isCsv = /\.csv$/i.test(file.name) || file.type === "text/csv";
  return file.slice(0, file.size, isCsv ? "text/csv" : "application/octet-stream");
}

/** @returns the id of a file's import: the same file has the same, so that what broke off goes on. */
export async function importIdOf(file: File): Promise<string> {
  // Only secure origins can hash; elsewhere size and time tell files apart well enough.
  if (!globalThis.isSecureContext) return `file-${file.size}-${file.lastModified}`;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return `file-${Array.from(hash.slice(0, 20), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** @returns what the file is called in the list of imports; undefined where it has no name. */
export function nameForList({ name }: File): string | undefined {
  return name.trim().slice(0, MAX_FILE_NAME_LENGTH) || undefined;
}
