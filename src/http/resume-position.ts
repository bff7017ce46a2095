/** Where a connection resumes: what a client says it saw last, in the query or by `Last-Event-ID`. */
import type { ResumeQuery } from "../protocol/api.ts";
import { ApexError } from "../protocol/errors.ts";
import { type Position, parseEventId } from "../protocol/position.ts";

/** @returns the position a query names, or null where it names none. */
export function positionOf({ after, epoch }: ResumeQuery): Position | null {
  return epoch === undefined ? null : { epoch, after: after ?? 0 };
}

/**
 * @returns where a stream resumes: by its `Last-Event-ID` before anything in the address, because a
 *   browser that reconnects sends the one it had last to the address it had first.
 * @throws {ApexError} `invalid_fields` where the header is none that a stream gave.
 */
export function streamPosition({ headers }: Request, query: ResumeQuery): Position | null {
  const id = headers.get("last-event-id");
  const position = id === null ? positionOf(query) : parseEventId(id);
  if (position !== null || id === null) return position;
  throw new ApexError("invalid_fields", "Last-Event-ID is none that this API gave.", {
    errors: [{ field: "Last-Event-ID", message: "must be the id of an event of this stream" }],
  });
}
