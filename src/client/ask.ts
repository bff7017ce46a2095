/** How the calls below the client reach the server: as who is signed in, with every answer checked. */
import type { Check } from "./checks.ts";
import type { HttpRequest } from "./http.ts";

/** Asks for one answer. @throws {ApexError} as every method of the client does. */
export type Ask = <Answer>(isAnswer: Check<Answer>, request: HttpRequest) => Promise<Answer>;

/** Asks for an answer that comes bit by bit. @param signal ends it, and the wait for it. */
export type Open = (
  request: HttpRequest,
  signal: AbortSignal,
) => Promise<ReadableStream<Uint8Array>>;

/** @returns the path of one thing below another: `/api/keys/k1`. */
export function below(path: string, id: string): string {
  return `${path}/${encodeURIComponent(id)}`;
}
