/** A place in a log as a client hands it back: what `Last-Event-ID` carries. */
import { Epoch, ResumeSeq } from "./ids.ts";

/** A place in a log that survives on its own. */
export interface Position {
  readonly epoch: Epoch;
  readonly after: number;
}

/** @returns the position in an event id, or null if it has none. */
export function parseEventId(id: string): Position | null {
  const dot = id.lastIndexOf(".");
  const digits = id.slice(dot + 1);
  const epoch = Epoch.safeParse(id.slice(0, Math.max(dot, 0)));
  const after = ResumeSeq.safeParse(/^\d{1,16}$/.test(digits) ? Number(digits) : null);
  return epoch.success && after.success ? { epoch: epoch.data, after: after.data } : null;
}
