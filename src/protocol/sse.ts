/** The event log as server-sent events (WHATWG HTML §9.2): `id:` is epoch and seq. */

import { Epoch, ResumeSeq } from "./ids.ts";

/** A place in a thread's log that survives on its own: what `Last-Event-ID` carries. */
export interface Position {
  readonly epoch: Epoch;
  readonly after: number;
}

/** @returns `<epoch>.<seq>`. */
export function formatEventId(epoch: Epoch, seq: number): string {
  return `${epoch}.${seq}`;
}

/** @returns the position an event id names, or null where it names none. */
export function parseEventId(id: string): Position | null {
  const dot = id.lastIndexOf(".");
  const digits = id.slice(dot + 1);
  const epoch = Epoch.safeParse(id.slice(0, Math.max(dot, 0)));
  const after = ResumeSeq.safeParse(/^\d{1,16}$/.test(digits) ? Number(digits) : null);
  return epoch.success && after.success ? { epoch: epoch.data, after: after.data } : null;
}

/**
 * @returns one frame as a block of an event stream. Only logged events carry an id: a client that
 * resumes must not take a connection's own frame, or a piece of text, for a position.
 */
export function formatServerSentEvent(
  epoch: Epoch,
  frame: { readonly type: string; readonly seq?: number | null },
): string {
  const id = typeof frame.seq === "number" ? `id: ${formatEventId(epoch, frame.seq)}\n` : "";
  return `event: ${frame.type}\n${id}data: ${JSON.stringify(frame)}\n\n`;
}

/** A comment that keeps proxies from closing a silent stream. */
export const SSE_HEARTBEAT = ": still here\n\n";
