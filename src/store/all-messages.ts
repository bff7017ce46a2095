/** One user's messages of all threads in D1: read on by their threads, and searched. */
import {
  and,
  asc,
  count,
  desc,
  eq,
  getTableColumns,
  gt,
  isNull,
  like,
  lt,
  or,
  sql,
} from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import { Thread } from "../protocol/entities.ts";
import {
  HistoryPage,
  type HistoryQuery,
  SearchPage,
  type SearchQuery,
} from "../protocol/history.ts";
import type { UserId } from "../protocol/ids.ts";
import { type Order, pageWith } from "../protocol/paging.ts";
import { cursorOf, HistoryCursor, readCursor, writeCursor, wrongCursor } from "./cursor.ts";
import { guardD1, type HistoryDatabase } from "./database.ts";
import { messages, threads } from "./history-tables.ts";

/** What is shown of a found message, in characters, and how much of that stands before the word. */
const SNIPPET = 240;
const BEFORE = 80;
/** Words of a search that count. */
const MAX_WORDS = 8;
/** Threads that are found by their titles. */
const MAX_TITLES = 20;

const Told = HistoryPage.shape.data.element;
const Found = SearchPage.shape.data;

/**
 * Messages lie by their threads, so they are read in that order: threads by when they were made, messages
 * within each by their seq. Every method throws {@link ApexError} `unavailable` if D1 does not answer,
 * and `invalid_fields` if a cursor does not belong to its list.
 */
export class AllMessages {
  readonly #db: HistoryDatabase;
  readonly #userId: UserId;

  constructor(db: HistoryDatabase, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  async list(query: HistoryQuery): Promise<HistoryPage> {
    const { limit, page, order, thread_id, role } = query;
    const asked = and(
      this.#own(),
      thread_id === undefined ? undefined : eq(threads.id, thread_id),
      role === undefined ? undefined : eq(messages.role, role),
    );
    const [rows, counted] = await guardD1(
      this.#db.batch([
        this.#select(asked, query, order).offset(((page ?? 1) - 1) * limit),
        this.#db
          .select({ total: count() })
          .from(threads)
          .innerJoin(messages, eq(messages.thread_id, threads.id))
          .where(page === undefined ? sql`0` : asked),
      ]),
    );
    const data = rows.slice(0, limit).map((row) => Told.parse(row));
    return pageWith(
      data,
      nextOf(rows, limit, order),
      page === undefined ? undefined : { page, limit, total: counted[0]?.total ?? 0 },
    );
  }

  /** @returns the messages that hold all of the words, the newest threads first. */
  async search(query: SearchQuery): Promise<SearchPage> {
    const { q, limit } = query;
    const words = q.split(/\s+/).slice(0, MAX_WORDS);
    const holds = (column: SQLiteColumn) => and(...words.map((word) => contains(column, word)));
    const isFirst = cursorOf(query) === undefined;
    const [rows, titled] = await guardD1(
      this.#db.batch([
        this.#select(and(this.#own(), holds(messages.content)), query, "desc"),
        this.#db
          .select()
          .from(threads)
          .where(and(eq(threads.user_id, this.#userId), isFirst ? holds(threads.title) : sql`0`))
          .orderBy(desc(threads.id))
          .limit(MAX_TITLES),
      ]),
    );
    const found = rows.slice(0, limit).map(({ id, content, ...row }) => {
      return { ...row, message_id: id, snippet: snippetOf(content, words[0] ?? "") };
    });
    const page = pageWith(Found.parse(found), nextOf(rows, limit, "desc"));
    return { ...page, threads: titled.map((row) => Thread.parse(row)) };
  }

  #own() {
    return and(eq(threads.user_id, this.#userId), isNull(messages.superseded_by));
  }

  /** One more than the limit where there is more. */
  #select(
    asked: ReturnType<typeof and>,
    query: Pick<HistoryQuery, "limit"> & Partial<HistoryQuery>,
    order: Order,
  ) {
    const [beyond, direction] = order === "asc" ? [gt, asc] : [lt, desc];
    const place = placeOf(query, order);
    const after =
      place === null
        ? undefined
        : or(
            beyond(threads.id, place.thread_id),
            and(eq(threads.id, place.thread_id), beyond(messages.seq, place.after)),
          );
    return this.#db
      .select({ ...getTableColumns(messages), thread_title: threads.title })
      .from(threads)
      .innerJoin(messages, eq(messages.thread_id, threads.id))
      .where(and(asked, after))
      .orderBy(direction(threads.id), direction(messages.seq))
      .limit(query.limit + 1);
  }
}

/** Case is folded for ASCII letters alone, as SQLite does. */
function contains(column: SQLiteColumn, word: string) {
  return sql`${like(column, `%${word.replaceAll(/[\\%_]/g, "\\$&")}%`)} ESCAPE '\\'`;
}

function snippetOf(content: string, word: string): string {
  if (content.length <= SNIPPET) return content;
  const at = Math.max(0, content.toLowerCase().indexOf(word.toLowerCase()));
  const from = Math.max(0, Math.min(at - BEFORE, content.length - SNIPPET));
  const cut = content.slice(from, from + SNIPPET).toWellFormed();
  const [before, after] = [from > 0 ? "…" : "", from + SNIPPET < content.length ? "…" : ""];
  return `${before}${cut}${after}`;
}

function placeOf(query: Partial<HistoryQuery>, order: Order) {
  const cursor = cursorOf(query);
  if (cursor === undefined) return null;
  const place = readCursor(HistoryCursor, cursor);
  if (place.order !== order) throw wrongCursor();
  return place;
}

function nextOf(
  rows: readonly { readonly thread_id: string; readonly seq: number }[],
  limit: number,
  order: Order,
): string | null {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  if (last === undefined) return null;
  const { thread_id, seq: after } = last;
  return writeCursor(HistoryCursor.parse({ list: "history", order, thread_id, after }));
}
