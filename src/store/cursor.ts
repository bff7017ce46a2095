/** Cursors: where a list goes on, as text that means nothing to a client and is not believed when it returns. */
import * as z from "zod";
import { ApexError } from "../protocol/errors.ts";
import { RunId, Seq, ThreadId } from "../protocol/ids.ts";
import { Order, type PageQuery } from "../protocol/paging.ts";

/** Goes on after a thread of the list of threads. */
export const ThreadsCursor = z.strictObject({
  list: z.literal("threads"),
  order: Order,
  after: ThreadId,
});

/** Goes on after a message of one thread, in the order the list was begun in. */
export const MessagesCursor = z.strictObject({
  list: z.literal("messages"),
  thread_id: ThreadId,
  order: Order,
  after: Seq,
});

/** Goes on after a message of all threads: threads in their order, messages within each in theirs. */
export const HistoryCursor = z.strictObject({
  list: z.literal("history"),
  order: Order,
  thread_id: ThreadId,
  after: Seq,
});

/** Goes on after a run of the list of runs. */
export const RunsCursor = z.strictObject({
  list: z.literal("runs"),
  order: Order,
  created_at: z.string(),
  after: RunId,
});

/** Goes on after an event of the audit log. */
export const AuditCursor = z.strictObject({ list: z.literal("audit"), after: z.string() });

/** Goes on after an entry of the ledger, which ended at that moment (milliseconds since the Unix epoch). */
export const LedgerCursor = z.strictObject({
  list: z.literal("ledger"),
  ended_at: z.number().int(),
  after: RunId,
});

/** Goes on after an import of the list of imports. */
export const ImportsCursor = z.strictObject({
  list: z.literal("imports"),
  status: z.string().nullable(),
  created_at: z.string(),
  after: z.string(),
});

/** Goes on after a message of a shared thread, which it does not name. */
export const SharedCursor = z.strictObject({ list: z.literal("shared"), after: Seq });

type AnyCursor = z.infer<
  | typeof ThreadsCursor
  | typeof MessagesCursor
  | typeof HistoryCursor
  | typeof RunsCursor
  | typeof AuditCursor
  | typeof LedgerCursor
  | typeof ImportsCursor
  | typeof SharedCursor
>;

/**
 * @returns where a list goes on, by whichever name the client gave it.
 * @throws {ApexError} `invalid_fields` if it gave two places.
 */
export function cursorOf({ cursor, after, page }: Partial<PageQuery>): string | undefined {
  if ([cursor, after, page].filter((place) => place !== undefined).length < 2) {
    return cursor ?? after;
  }
  const message = "must be given alone: one of cursor, after and page";
  throw new ApexError("invalid_fields", `In the query: cursor: ${message}`, {
    errors: [{ field: "cursor", message }],
  });
}

/** @returns the cursor as base64url of its JSON. */
export function writeCursor(cursor: AnyCursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

/**
 * Reads a cursor that this list gave out. A cursor is only a position and grants no access: with a forged one,
 * users still read only their own rows.
 * @throws {ApexError} `invalid_fields`, naming `cursor`, if it is anything else.
 */
export function readCursor<Schema extends z.ZodType<AnyCursor>>(
  schema: Schema,
  text: string,
): z.output<Schema> {
  const cursor = schema.safeParse(parseJson(Buffer.from(text, "base64url").toString()));
  // Decoding forgives what no cursor of ours holds, so only the exact text is taken.
  if (cursor.success && writeCursor(cursor.data) === text) return cursor.data;
  throw wrongCursor();
}

/** @returns the error that answers a cursor which does not belong to the list it was given to. */
export function wrongCursor(): ApexError {
  const message = "must be the next_cursor of an earlier page of the same list";
  return new ApexError("invalid_fields", `In the query: cursor: ${message}`, {
    errors: [{ field: "cursor", message }],
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
