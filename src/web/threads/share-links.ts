/** The links that this browser has made: the server keeps only their hashes, and could not tell them again. */
import type { ThreadId } from "../../protocol/ids.ts";

const PREFIX = "apex-edge.link.";

/** @returns the path of the link to a thread that was made here; null where none is known. */
export function recallLink(id: ThreadId): string | null {
  return localStorage.getItem(PREFIX + id);
}

export function rememberLink(id: ThreadId, path: string): void {
  localStorage.setItem(PREFIX + id, path);
}

export function forgetLink(id: ThreadId): void {
  localStorage.removeItem(PREFIX + id);
}

/** Leaves nothing of one person to the next one at this browser. */
export function forgetAllLinks(): void {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  }
}
