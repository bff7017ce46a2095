/** The chain of a thread's log: each event's hash holds those of all before it. */
import { createHash } from "node:crypto";
import { canonicalJson } from "../protocol/canonical-json.ts";
import type { Epoch, ThreadId } from "../protocol/ids.ts";
import { LOG_FORMAT, type LogHash } from "../protocol/log-export.ts";

/** @returns the hash of an event after another: SHA-256 of that hash's 32 bytes and the event's canonical JSON. */
export function chained(before: LogHash, event: unknown): LogHash {
  return createHash("sha256").update(before, "hex").update(canonicalJson(event)).digest("hex");
}

/**
 * What a chain begins from, so that no event of one log can be taken for another's.
 * @param after the seq behind which it begins: 0, but for threads older than their chain, and forks.
 */
export function anchorOf(log: {
  readonly threadId: ThreadId;
  readonly epoch: Epoch;
  readonly after: number;
}): LogHash {
  const { threadId: thread_id, epoch, after } = log;
  const anchor = canonicalJson({ format: LOG_FORMAT, thread_id, epoch, after });
  return createHash("sha256").update(anchor).digest("hex");
}
