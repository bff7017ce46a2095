/** Where a connection resumes: after the last event that the client names, in the query or in `Last-Event-ID`. */
import type { ResumeQuery } from "../protocol/api.ts";
import { ApexError } from "../protocol/errors.ts";
import { type Position, parseEventId } from "../protocol/position.ts";

/** @returns the position in a query, or null if there is none. */
export function positionOf({ after, epoch }: ResumeQuery): Position | null {
  return epoch === undefined ? null : { epoch, after: after ?? 0 };
}

/**
 * @returns where a stream resumes. `Last-Event-ID` wins over the query, because a browser that reconnects sends
 *   the newest id, but still uses the first address.
 * @throws {ApexError} `invalid_fields` if the header is not an id of our streams.
 */
export function streamPosition({ headers }: Request, query: ResumeQuery): Position | null {
  const id = headers.get("last-event-id");
  const position = id === null ? positionOf(query) : parseEventId(id);
  if (position !== null || id === null) return position;
  throw new ApexError("invalid_fields", "Last-Event-ID is none that this API gave.", {
    errors: [{ field: "Last-Event-ID", message: "must be the id of an event of this stream" }],
  });
}
