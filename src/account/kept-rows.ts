/** All that databases keep of one user, wherever usage is kept: for the end of the account. */
import { withDeadline } from "../core/deadline.ts";
import { readConfig } from "../env.ts";
import type { UserId } from "../protocol/ids.ts";
import { AccountRows } from "../store/account-rows.ts";
import { openDatabase } from "../store/database.ts";
import { clickhouseWorkspaceRows } from "../usage/clickhouse/workspace-rows.ts";

/** How long a count in ClickHouse is waited for, in milliseconds. */
const COUNT_MS = 1_000;

export type KeptRows = Pick<AccountRows, "count" | "seal" | "threads" | "empty" | "delete">;

/** @returns the rows of D1 and, where it is set, of ClickHouse. */
export function keptRows(env: Cloudflare.Env, userId: UserId): KeptRows {
  const rows = new AccountRows(openDatabase(env.DB), userId);
  /** Read at its first use: settings that are wrong are told of there. */
  const analytics = () => {
    const { clickhouse } = readConfig(env);
    return clickhouse && clickhouseWorkspaceRows(clickhouse, userId);
  };
  return {
    seal: (now) => rows.seal(now),
    threads: (limit) => rows.threads(limit),
    empty: () => rows.empty(),

    /** Without those of ClickHouse where it does not answer: nothing waits for it. */
    async count() {
      const counted = withDeadline(COUNT_MS, async () => await analytics()?.count());
      const [own, others] = await Promise.all([rows.count(), counted.catch(() => undefined)]);
      return { ...own, ...others };
    },

    /** ClickHouse goes last: once D1 knows no such user, none of their threads writes there any more. */
    async delete() {
      if (!(await rows.delete())) return false;
      await analytics()?.delete();
      return true;
    },
  };
}
