/**
 * Checks, before any history is read or written, that `HISTORY_SHARDS` and the databases still match what was served
 * before. With a wrong setting users would seem to have lost their history, or get a second one in another database.
 */
import * as z from "zod";
import { madeAt, systemClock, timestamp } from "../core/clock.ts";
import { withDeadline } from "../core/deadline.ts";
import { compareEras, RememberedEra } from "../env/history-eras.ts";
import { type HistoryShards, MAIN_DATABASE } from "../env/history-shards.ts";
import { readConfig } from "../env.ts";
import { ApexError } from "../protocol/errors.ts";
import { openDatabase } from "../store/database.ts";
import { HistoryEras } from "../store/history-eras.ts";
import { historyShards } from "./history-database.ts";
import { confirmMark, confirmShardMarks } from "./history-marks.ts";

/** How long to wait for the databases, in milliseconds. Requests wait for this, health probes included. */
const DEADLINE_MS = 1_000;

/**
 * How long a confirmed setting is trusted before it is checked again, in milliseconds. During an update, a version that
 * does not know a new era may still be serving: it notices within this time.
 */
const CONFIRMED_MS = 600_000;

/** The same if one of the databases (other than the main one) did not answer, in milliseconds. */
const PARTLY_CONFIRMED_MS = 60_000;

/** How long a refusal is kept before it is checked again, in milliseconds: short, so that a correction shows soon. */
const REFUSAL_MS = 5_000;

/** The result of a check, remembered by the isolate. Both times are in milliseconds since the Unix epoch. */
interface Verdict {
  readonly since: number;
  readonly until: number;
  /** Why the setting cannot be used; null if it can. */
  readonly refusal: ApexError | null;
}

/** Holds results, never pending checks: what one request has under way ends with it, so no other may wait for it. */
const verdicts = new WeakMap<Cloudflare.Env, Verdict>();

/**
 * Checks two things: that the setting still says of every era in use what the main database remembers of it, and that
 * every binding still leads to the same database. Asks the databases when an isolate starts, when an era begins, and
 * every ten minutes; in between it answers from memory. Eras that are new are noted in the main database.
 * @throws {ApexError} `misconfigured` if something has changed, with what to put back; `unavailable` if the main database
 *   does not answer, and has not confirmed the setting before.
 */
export async function confirmEras(env: Cloudflare.Env): Promise<void> {
  const { historyShards } = readConfig(env);
  const now = systemClock.now();
  const known = verdicts.get(env);
  const stands = known !== undefined && known.since <= now && now < known.until;
  const verdict = stands ? known : await examine(env, historyShards, now, known);
  verdicts.set(env, verdict);
  if (verdict.refusal !== null) throw verdict.refusal;
}

async function examine(
  env: Cloudflare.Env,
  eras: HistoryShards,
  now: number,
  before: Verdict | undefined,
): Promise<Verdict> {
  try {
    const [allTold] = await Promise.all([
      confirmShardMarks(historyShards(env), eras, { now, deadlineMs: DEADLINE_MS }),
      withDeadline(DEADLINE_MS, () => confirmMain(env.DB, eras, now)),
    ]);
    const next = eras.find(({ from }) => from > now)?.from ?? Number.POSITIVE_INFINITY;
    const confirmedMs = allTold ? CONFIRMED_MS : PARTLY_CONFIRMED_MS;
    return { since: now, until: Math.min(next, now + confirmedMs), refusal: null };
  } catch (cause) {
    const contradicted = cause instanceof ApexError && cause.code === "misconfigured";
    const refusal = contradicted ? cause : before?.refusal === null ? null : notTold(cause);
    return { since: now, until: now + REFUSAL_MS, refusal };
  }
}

function notTold(cause: unknown): ApexError {
  const detail = "The database did not answer. Please try again.";
  return new ApexError("unavailable", detail, { retryAfter: REFUSAL_MS / 1_000, cause });
}

/** Checks the database's mark first: if it is the wrong one, its rows prove nothing and must not be changed. */
async function confirmMain(main: D1Database, eras: HistoryShards, now: number): Promise<void> {
  await confirmMark(MAIN_DATABASE, main, eras, now);
  await agree(new HistoryEras(openDatabase(main)), eras, now);
}

/** Compares again after writing: another isolate, with another setting, may have written first. */
async function agree(memory: HistoryEras, eras: HistoryShards, now: number): Promise<void> {
  const { note, forget } = await compared(memory, eras, now);
  if (note.length + forget.length === 0) return;
  const rows = note.map(({ from, databases, inUse }) => ({
    begins_at: timestamp(from),
    databases: JSON.stringify(databases),
    in_use: inUse ? 1 : 0,
  }));
  await memory.note(rows, forget.map(timestamp));
  await compared(memory, eras, now);
}

async function compared(memory: HistoryEras, eras: HistoryShards, now: number) {
  const { rows, newestAccount } = await memory.read();
  const remembered = z.array(RememberedEra).parse(rows);
  const result = compareEras(eras, remembered, {
    now,
    newestAccount: newestAccount === null ? null : madeAt(newestAccount),
  });
  if (result.contradictions.length === 0) return result;
  const message = result.contradictions.join("; ");
  throw new ApexError("misconfigured", `In the configuration: HISTORY_SHARDS: ${message}`, {
    errors: [{ field: "HISTORY_SHARDS", message }],
  });
}
