/** The event log as server-sent events (WHATWG HTML §9.2): `id:` is epoch and seq. */
import type { Epoch } from "./ids.ts";

/** @returns `<epoch>.<seq>`. */
export function formatEventId(epoch: Epoch, seq: number): string {
  return `${epoch}.${seq}`;
}

/**
 * @param json the frame as JSON, where it is at hand: what is stringified once need not be again.
 * @returns one frame as a block of an event stream. Only logged events carry an id: a client that
 * resumes must not take a connection's own frame, or a piece of text, for a position.
 */
export function formatServerSentEvent(
  epoch: Epoch,
  frame: { readonly type: string; readonly seq?: number | null },
  json = JSON.stringify(frame),
): string {
  const id = typeof frame.seq === "number" ? `id: ${formatEventId(epoch, frame.seq)}\n` : "";
  return `event: ${frame.type}\n${id}data: ${json}\n\n`;
}

/** A comment that keeps proxies from closing a silent stream. */
export const SSE_HEARTBEAT = ": still here\n\n";

/** The last words of a stream that was asked for a time. */
export const SSE_END = 'event: stream_end\ndata: {"reason":"time"}\n\n';
