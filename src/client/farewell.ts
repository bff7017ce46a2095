/** The last word of a server before it ends a connection for good: what is heard here need not be waited for. */
import type { ServerFrame } from "../protocol/events.ts";

/** The problems that end a connection where they are the answer to no command, with the code of the close that follows. */
const CLOSES: Readonly<Record<string, number>> = { session_ended: 4401, not_found: 4404 };

/**
 * A close frame alone would do, if clients told of it: but a WebSocket's `close` event waits for the end of
 * the connection below, which may be long in coming.
 * @returns the code of the close that is under way; null where the frame ends nothing.
 */
export function farewellOf(frame: ServerFrame | null): number | null {
  if (frame?.type !== "error" || frame.data.command !== null) return null;
  return CLOSES[frame.data.problem.code] ?? null;
}
