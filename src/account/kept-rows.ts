/** All that is kept of one user outside objects, wherever usage is kept: for the end of the account. */
import { withDeadline } from "../core/deadline.ts";
import { historyDatabase } from "../durable/history-database.ts";
import { confirmEras } from "../durable/history-eras.ts";
import { readConfig } from "../env.ts";
import { type UserId, workspaceOf } from "../protocol/ids.ts";
import { AccountRows } from "../store/account-rows.ts";
import { forgetAnswers, keptAnswers } from "../tools/last-good.ts";
import { clickhouseWorkspaceRows } from "../usage/clickhouse/workspace-rows.ts";

/** How long a count in ClickHouse, or in KV, is waited for, in milliseconds. */
const COUNT_MS = 1_000;

export type KeptRows = Pick<AccountRows, "count" | "seal" | "threads" | "empty" | "delete">;

/** @returns the rows of D1 and, where it is set, of ClickHouse, and the answers that KV remembers. */
export function keptRows(env: Cloudflare.Env, userId: UserId): KeptRows {
  const workspace = workspaceOf(userId, null);
  /** Settings are read at their first use: those that are wrong are told of there. */
  const rows = async () => {
    await confirmEras(env);
    return new AccountRows(historyDatabase(env, userId), userId);
  };
  const analytics = () => {
    const { clickhouse } = readConfig(env);
    return clickhouse && clickhouseWorkspaceRows(clickhouse, userId);
  };
  return {
    seal: async (now) => await (await rows()).seal(now),
    threads: async (limit) => await (await rows()).threads(limit),
    empty: async () => await (await rows()).empty(),

    /** Without those of ClickHouse and KV where these do not answer: nothing waits for them. */
    async count() {
      const counted = withDeadline(COUNT_MS, async () => await analytics()?.count());
      const kept = withDeadline(COUNT_MS, () => keptAnswers(env.CACHE, workspace));
      const [own, others, answers] = await Promise.all([
        rows().then((own) => own.count()),
        counted.catch(() => undefined),
        kept.catch(() => []),
      ]);
      return { ...own, ...others, kept_answers: answers.length };
    },

    /** D1 goes first: once it knows no such user, none of their threads writes to the others any more. */
    async delete() {
      if (!(await (await rows()).delete())) return false;
      await analytics()?.delete();
      await forgetAnswers(env.CACHE, workspace);
      return true;
    },
  };
}
