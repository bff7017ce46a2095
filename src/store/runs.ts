/** One user's runs in D1. */
import { and, desc, eq, lte, sql } from "drizzle-orm";
import { FinalStatus, Run } from "../protocol/entities.ts";
import type { RunId, UserId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { messages, runs } from "./tables.ts";

export class Runs {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /**
   * @returns the run as last saved, or null where the user has none of this id. What it answered
   * is told once it has ended.
   * @throws {ApexError} `unavailable` where D1 does not answer.
   */
  async get(runId: RunId): Promise<Run | null> {
    // An answer begins before its run's last event, so the search backwards from there is short.
    const answer = this.#db
      .select({ content: messages.content })
      .from(messages)
      .where(
        and(
          eq(messages.user_id, runs.user_id),
          eq(messages.thread_id, runs.thread_id),
          lte(messages.seq, runs.version),
          eq(messages.id, runs.answer_id),
        ),
      )
      .orderBy(desc(messages.seq))
      .limit(1);
    const row = await guardD1(
      this.#db
        .select({ run: runs, answer: sql<string | null>`${answer}` })
        .from(runs)
        .where(and(eq(runs.user_id, this.#userId), eq(runs.id, runId)))
        .get(),
    );
    if (!row) return null;
    const hasEnded = FinalStatus.safeParse(row.run.status).success;
    return Run.parse({ ...row.run, final_response: hasEnded ? row.answer : null });
  }
}
