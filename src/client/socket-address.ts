/** Where a thread's socket is opened: it says what the client has already, so that the rest alone follows. */
import type { ThreadView } from "../protocol/thread-view.ts";
import { writtenOf } from "../protocol/written.ts";

/**
 * @param base the server's own, as `wss://host`.
 * @param view what is known of the thread; one without an id is to be made by the server.
 * @param ticket what opens the socket in place of a token.
 */
export function socketAddress(
  base: string,
  { threadId, epoch, lastSeq, messages }: ThreadView,
  ticket: string | undefined,
): string {
  if (threadId === null) return `${base}/ws`;
  const live = messages.findLast(({ status }) => status === "streaming");
  const query = new URLSearchParams({
    after: String(lastSeq),
    ...(epoch && { epoch }),
    ...(live && { written: writtenOf(live.id, live.text) }),
    ...(ticket && { ticket }),
  });
  return `${base}/api/threads/${encodeURIComponent(threadId)}/socket?${query}`;
}
