/** The hash chain of a thread's log: the hash of each event covers all events before it. */
import { createHash } from "node:crypto";
import { canonicalJson } from "../protocol/canonical-json.ts";
import type { Epoch, ThreadId } from "../protocol/ids.ts";
import { LOG_FORMAT, type LogHash } from "../protocol/log-export.ts";

/** @returns the hash of an event: SHA-256 over the 32 bytes of the previous hash and the event's canonical JSON. */
export function chained(before: LogHash, event: unknown): LogHash {
  return createHash("sha256").update(before, "hex").update(canonicalJson(event)).digest("hex");
}

/**
 * The first hash of a chain. It covers the thread's identity, so that no event can be moved to another log.
 * @param after the seq after which the chain begins: 0, except in forks and in threads that are older than their
 *   chain.
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
