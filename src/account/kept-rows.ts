/** All that is stored of one user outside Durable Objects, for the deletion of the account. */
import { withDeadline } from "../core/deadline.ts";
import { historyDatabase } from "../durable/history-database.ts";
import { confirmEras } from "../durable/history-eras.ts";
import { readConfig } from "../env.ts";
import { type UserId, workspaceOf } from "../protocol/ids.ts";
import { AccountRows } from "../store/account-rows.ts";
import { forgetAnswers, keptAnswers } from "../tools/last-good.ts";
import { clickhouseWorkspaceRows } from "../usage/clickhouse/workspace-rows.ts";

/** How long a count in ClickHouse or KV may take, in milliseconds. */
const COUNT_MS = 1_000;

export type KeptRows = Pick<AccountRows, "count" | "seal" | "threads" | "empty" | "delete">;

/** @returns access to the user's rows in D1, in ClickHouse if it is configured, and the answers cached in KV. */
export function keptRows(env: Cloudflare.Env, userId: UserId): KeptRows {
  const workspace = workspaceOf(userId, null);
  /** The settings are read at the first use, so that faulty ones are reported there. */
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

    /** Leaves ClickHouse and KV out if they do not answer in time. */
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

    /** D1 comes first: once the user is gone there, no thread writes to the other stores any more. */
    async delete() {
      if (!(await (await rows()).delete())) return false;
      await analytics()?.delete();
      await forgetAnswers(env.CACHE, workspace);
      return true;
    },
  };
}
