/** One user's runs in D1: listed, and counted by the agents that worked on them. */
import { and, asc, count, desc, eq, getTableColumns, gt, inArray, lt, or, sql } from "drizzle-orm";
import { AgentStatus } from "../protocol/agents.ts";
import { RunId, type ThreadId, type UserId } from "../protocol/ids.ts";
import { MAX_PAGE } from "../protocol/limits.ts";
import { pageWith } from "../protocol/paging.ts";
import { RunPage, type RunsQuery } from "../protocol/runs.ts";
import { cursorOf, RunsCursor, readCursor, writeCursor, wrongCursor } from "./cursor.ts";
import { guardD1, type HistoryDatabase } from "./database.ts";
import { runs } from "./history-tables.ts";

const LIVE = ["queued", "running"];
const Rows = RunPage.shape.data;
const LiveRuns = AgentStatus.shape.live_runs;

/** What D1 knows of an agent's runs. */
export type AgentRuns = Pick<
  AgentStatus,
  "live_runs" | "runs" | "average_duration_ms" | "last_run_at"
>;

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class Runs {
  readonly #db: HistoryDatabase;
  readonly #userId: UserId;

  constructor(db: HistoryDatabase, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /** @throws {ApexError} `invalid_fields` where the cursor is not one of this list. */
  async list(query: RunsQuery): Promise<RunPage> {
    const { limit, page, order, thread_id, agent, status } = query;
    const asked = and(
      eq(runs.user_id, this.#userId),
      thread_id === undefined ? undefined : eq(runs.thread_id, thread_id),
      agent === undefined ? undefined : eq(runs.agent, agent),
      status === undefined ? undefined : eq(runs.status, status),
    );
    const [beyond, direction] = order === "asc" ? [gt, asc] : [lt, desc];
    const place = placeOf(query);
    const after =
      place === null
        ? undefined
        : or(
            beyond(runs.created_at, place.created_at),
            and(eq(runs.created_at, place.created_at), beyond(runs.id, place.after)),
          );
    const [rows, counted] = await guardD1(
      this.#db.batch([
        this.#db
          .select(getTableColumns(runs))
          .from(runs)
          .where(and(asked, after))
          .orderBy(direction(runs.created_at), direction(runs.id))
          .limit(limit + 1)
          .offset(((page ?? 1) - 1) * limit),
        this.#db
          .select({ total: count() })
          .from(runs)
          .where(page === undefined ? sql`0` : asked),
      ]),
    );
    const data = Rows.parse(rows.slice(0, limit));
    const last = rows.length > limit ? data.at(-1) : undefined;
    return pageWith(
      data,
      last
        ? writeCursor({ list: "runs", order, created_at: last.created_at, after: last.id })
        : null,
      page === undefined ? undefined : { page, limit, total: counted[0]?.total ?? 0 },
    );
  }

  /** @returns the runs of a thread that had not ended, the newest first: whoever waits goes first. */
  async live(threadId: ThreadId): Promise<RunId[]> {
    const rows = await guardD1(
      this.#db
        .select({ id: runs.id })
        .from(runs)
        .where(
          and(
            eq(runs.user_id, this.#userId),
            eq(runs.thread_id, threadId),
            inArray(runs.status, LIVE),
          ),
        )
        .orderBy(desc(runs.created_at))
        .limit(MAX_PAGE),
    );
    return rows.map(({ id }) => RunId.parse(id));
  }

  /** @returns how the runs of every agent stand that worked for the user. */
  async byAgent(): Promise<ReadonlyMap<string, AgentRuns>> {
    const own = eq(runs.user_id, this.#userId);
    const ended = (status: string) => sql<number>`sum(${runs.status} = ${status})`.as(status);
    const [sums, live] = await guardD1(
      this.#db.batch([
        this.#db
          .select({
            agent: runs.agent,
            completed: ended("completed"),
            failed: ended("failed"),
            cancelled: ended("cancelled"),
            average_duration_ms: sql<number | null>`avg(CASE WHEN ${runs.status} = 'completed'
              THEN (julianday(${runs.completed_at}) - julianday(${runs.started_at})) * 86400000 END)`.as(
              "average_duration_ms",
            ),
            last_run_at: sql<string>`max(${runs.created_at})`.as("last_run_at"),
          })
          .from(runs)
          .where(own)
          .groupBy(runs.agent),
        this.#db
          .select({ run_id: runs.id, thread_id: runs.thread_id, agent: runs.agent })
          .from(runs)
          .where(and(own, inArray(runs.status, LIVE)))
          .orderBy(desc(runs.created_at))
          .limit(MAX_PAGE),
      ]),
    );
    return new Map(
      sums.map(({ agent, completed, failed, cancelled, average_duration_ms, last_run_at }) => {
        const live_runs = LiveRuns.parse(live.filter((run) => run.agent === agent));
        const average = average_duration_ms === null ? null : Math.max(0, average_duration_ms);
        const ended = { completed, failed, cancelled };
        return [
          agent,
          { live_runs, runs: ended, average_duration_ms: average, last_run_at },
        ] as const;
      }),
    );
  }
}

/** @returns the run after which a page begins; null for the first one. */
function placeOf(query: RunsQuery) {
  const cursor = cursorOf(query);
  if (cursor === undefined) return null;
  const place = readCursor(RunsCursor, cursor);
  if (place.order !== query.order) throw wrongCursor();
  return place;
}
