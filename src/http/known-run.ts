/** Finds a run by its id: its thread, if it is the user's, and its report. */
import type { Context } from "hono";
import { historyDatabase } from "../durable/history-database.ts";
import { ApexError } from "../protocol/errors.ts";
import { placeOfRun, type RunId, type ThreadId } from "../protocol/ids.ts";
import type { Report } from "../protocol/report.ts";
import { Reports } from "../store/reports.ts";
import { askThread } from "./ask-thread.ts";
import { assertThread } from "./known-thread.ts";
import { notFound } from "./problems.ts";
import type { SignedInEnv } from "./router.ts";

/**
 * @returns the thread of a run, if it is the user's.
 * @throws {ApexError} `not_found`; `unavailable`.
 */
export async function threadOf(c: Context<SignedInEnv>, id: RunId): Promise<ThreadId> {
  const place = placeOfRun(id);
  if (place === null) throw notFound();
  await assertThread(c.env, c.var.principal.userId, place.threadId);
  return place.threadId;
}

/**
 * Looks in D1 first, which need not wake the thread's object; a recent report may be in the thread only.
 * @returns null if the run made no report.
 * @throws {ApexError} `not_found` if the run's thread is not the user's; `unavailable`.
 */
export async function reportOf(c: Context<SignedInEnv>, id: RunId): Promise<Report | null> {
  const threadId = await threadOf(c, id);
  const { userId } = c.var.principal;
  const saved = await new Reports(historyDatabase(c.env, userId), userId)
    .get(id)
    .catch((error: unknown) => {
      if (ApexError.from(error).code !== "unavailable") throw error;
      return null;
    });
  return saved ?? (await askThread(c, threadId, (thread) => thread.readReport(id)));
}
