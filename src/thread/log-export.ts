/** The thread's log with its hashes, page by page, exactly as it stands in the journal. */
import * as z from "zod";
import { BEFORE } from "../durable/journal.ts";
import type { Epoch } from "../protocol/ids.ts";
import { LogHash } from "../protocol/log-export.ts";
import type { ThreadJournal } from "./thread-journal.ts";

/** What a page holds at most: commits, and UTF-16 code units of them unless one alone has more. */
const PAGE_COMMITS = 200;
const PAGE_LENGTH = 2 * 1024 * 1024;

/** The last commit without a chain: an older version of the code wrote it. */
const UNCHAINED = "coalesce((SELECT max(id) FROM journal WHERE chain IS NULL), 0)";

/** A page of the log. */
export interface LogPage {
  readonly epoch: Epoch;
  /** The seq and the hash before the page's first event. */
  readonly after: number;
  readonly hashBefore: LogHash;
  /** The seq of the last event of the log. */
  readonly lastSeq: number;
  readonly entries: readonly {
    readonly hash: LogHash;
    /** JSON. */
    readonly event: string;
  }[];
}

const json = z.string().transform((text): unknown => JSON.parse(text));
const Row = z.object({
  seq: z.number(),
  events: json.pipe(z.array(z.unknown())),
  chain: json.pipe(z.tuple([LogHash], LogHash)),
  length: z.number(),
});

/**
 * Events are not read by their schema: a newer one would tell them otherwise than they were hashed.
 * @param after the seq that a page follows, the last of a page before; null for the first page.
 */
export function readLog(
  { sql, journal }: { readonly sql: SqlStorage; readonly journal: ThreadJournal },
  after: number | null,
): LogPage {
  const rows = sql.exec(
    `SELECT seq, events, chain, length(events) AS length FROM journal
     WHERE id > max(${BEFORE}, ${UNCHAINED}) AND events <> '[]' ORDER BY id LIMIT ?2`,
    after ?? -1,
    PAGE_COMMITS,
  );
  const entries: LogPage["entries"][number][] = [];
  let first: { readonly after: number; readonly hash: LogHash } | null = null;
  let length = 0;
  for (const raw of rows) {
    const row = Row.parse(raw);
    const [before, ...hashes] = row.chain;
    first ??= { after: row.seq - row.events.length, hash: before };
    for (const [index, event] of row.events.entries()) {
      entries.push({ hash: hashes[index] ?? before, event: JSON.stringify(event) });
    }
    length += row.length;
    if (length >= PAGE_LENGTH) break;
  }
  const { epoch } = journal;
  const lastSeq = journal.lastSeq();
  const begun = first ?? { after: lastSeq, hash: journal.lastHash() };
  return { epoch, after: begun.after, hashBefore: begun.hash, lastSeq, entries };
}
