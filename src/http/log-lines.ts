/** The lines of an exported thread log: a first line, the events, and a signed last line. */
import { signLog } from "../auth/log-signature.ts";
import type { KeyRing } from "../auth/signing-keys.ts";
import { systemClock, timestamp } from "../core/clock.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { LOG_FORMAT, LogEntry, type LogHead, type LogLine } from "../protocol/log-export.ts";
import type { LogPage } from "../thread/log-export.ts";

/** @returns the page of the log after a seq; null for the first page. */
export type ReadLog = (after: number | null) => Promise<LogPage>;

/**
 * @param first the first page: the export ends where the log ended then.
 * @returns pages of lines.
 * @throws {ApexError} `unavailable`; `not_found` if the thread was deleted meanwhile.
 */
export async function* logLines(
  threadId: ThreadId,
  first: LogPage,
  read: ReadLog,
  keys: KeyRing,
): AsyncGenerator<readonly LogLine[]> {
  const { epoch, lastSeq } = first;
  const head: LogHead = {
    kind: "head",
    format: LOG_FORMAT,
    algorithm: "SHA-256(previous hash || RFC 8785 JSON of the event)",
    thread_id: threadId,
    epoch,
    first_seq: first.after + 1,
    hash_before: first.hashBefore,
    exported_at: timestamp(systemClock.now()),
  };
  yield [head];
  let at = { seq: first.after, hash: first.hashBefore };
  for (let page = first; ; page = await read(at.seq)) {
    if (page.epoch !== epoch || page.after !== at.seq) throw forgotten();
    const entries = page.entries.slice(0, lastSeq - at.seq);
    yield entries.map(({ hash, event }) => ({
      kind: "event",
      hash,
      event: LogEntry.shape.event.parse(JSON.parse(event)),
    }));
    at = { seq: at.seq + entries.length, hash: entries.at(-1)?.hash ?? at.hash };
    if (at.seq >= lastSeq) break;
  }
  const ended = { events: at.seq - head.first_seq + 1, last_seq: at.seq, last_hash: at.hash };
  const { kind: _, ...begun } = head;
  yield [{ kind: "end", ...ended, ...(await signLog({ ...begun, ...ended }, keys)) }];
}

function forgotten(): ApexError {
  return new ApexError("unavailable", "The oldest events were forgotten meanwhile. Export again.");
}
