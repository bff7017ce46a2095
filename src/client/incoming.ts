/** The reading of one frame, whoever sent it: its place in the log, and what it says. */
import { type Check, count, isObject } from "./checks.ts";

/** A frame and its place in the log; the frame is null where this version does not know its type. */
export interface Incoming<Frame> {
  readonly seq: number | null;
  readonly frame: Frame | null;
}

/** @returns the frame that a text holds, or null where it holds none. */
export function readFrame<Frame>(isFrame: Check<Frame>, data: unknown): Incoming<Frame> | null {
  const value = readJson(data);
  if (!isObject(value)) return null;
  return { seq: count(value.seq) ? value.seq : null, frame: isFrame(value) ? value : null };
}

/** @returns the value; undefined where the text is not JSON (an empty body, a proxy's page). */
export function readJson(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
