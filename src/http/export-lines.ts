/** Exports everything stored about a user, as lines. Only one page is in memory at a time. */

import type { AccountRpc } from "../account/rpc.ts";
import { systemClock, timestamp } from "../core/clock.ts";
import { succeeded } from "../core/outcome.ts";
import { historyDatabase } from "../durable/history-database.ts";
import { accountObjectName } from "../durable/names.ts";
import { readConfig } from "../env.ts";
import type { ExportLine } from "../protocol/account.ts";
import type { Message, Run, Thread, User } from "../protocol/entities.ts";
import type { UserId } from "../protocol/ids.ts";
import { AccountExport } from "../store/account-export.ts";
import { AuditLog } from "../store/audit-log.ts";
import { openDatabase } from "../store/database.ts";
import { HistoryExport } from "../store/history-export.ts";
import { Profiles } from "../store/profiles.ts";
import { Threads } from "../store/threads.ts";
import { clickhouseWorkspaceRows } from "../usage/clickhouse/workspace-rows.ts";
import { askObject } from "./ask-object.ts";
import { reachThread } from "./ask-thread.ts";
import { listMessages } from "./list-messages.ts";

/** Rows in a page: of messages, at most half of which ask, so that their runs are bound at once. */
const PAGE = 100;

interface Page<Item> {
  readonly data: readonly Item[];
  readonly next_cursor: string | null;
}

/**
 * @returns pages of lines; the very last line counts them all. What is written during the export may be missing.
 * @throws {ApexError} `unavailable`.
 */
export async function* exportLines(env: Cloudflare.Env, user: User): AsyncGenerator<ExportLine[]> {
  let lines = 1;
  for await (const page of pagesOf(env, user)) {
    lines += page.length;
    yield page;
  }
  yield [{ kind: "end", lines }];
}

async function* pagesOf(env: Cloudflare.Env, user: User): AsyncGenerator<ExportLine[]> {
  const database = openDatabase(env.DB);
  const rows = new AccountExport(database, user.id);
  const audit = new AuditLog(database, user.id);
  const history = historyDatabase(env, user.id);
  const said = new HistoryExport(history, user.id);
  const threads = new Threads(history, user.id);
  yield [{ kind: "export", user, exported_at: timestamp(systemClock.now()) }];
  const preferences = await new Profiles(database, user.id).preferences();
  if (preferences !== null) yield [{ kind: "preferences", preferences }];
  yield* accountLines(env, user);
  yield* rows.sessions();
  yield* rows.apiKeys();
  yield await rows.identities();
  yield await rows.invitations();
  yield* rows.usage();
  yield* analyticsLines(env, user.id);
  yield await rows.webhooks();
  yield* rows.deliveries();
  yield await rows.mcpServers();
  yield await said.shares();
  for await (const events of everyPage((cursor) => audit.list({ limit: PAGE, cursor }))) {
    yield events.map((audit_event) => ({ kind: "audit_event", audit_event }));
  }
  for await (const page of everyPage((cursor) => threads.list({ limit: PAGE, cursor }))) {
    for (const thread of page) yield* threadLines(env, user.id, thread, said);
  }
}

/** @returns the usage of the user's own workspace in ClickHouse, if that is configured. */
async function* analyticsLines(env: Cloudflare.Env, userId: UserId): AsyncGenerator<ExportLine[]> {
  const { clickhouse } = readConfig(env);
  if (clickhouse === null) return;
  for await (const { table, rows } of clickhouseWorkspaceRows(clickhouse, userId).pages()) {
    yield rows.map((row) => ({ kind: "usage", table, row }));
  }
}

/** @returns what the user's Account object stores. */
async function* accountLines(env: Cloudflare.Env, user: User): AsyncGenerator<ExportLine[]> {
  const account = (): Pick<AccountRpc, "limits" | "budget" | "ledgerPage"> =>
    env.ACCOUNTS.getByName(accountObjectName(user.id));
  const caller = { tier: user.tier, organizationId: user.organization_id };
  const limits = succeeded(await askObject("account", account, (object) => object.limits(caller)));
  const budget = await askObject("account", account, (object) => object.budget());
  yield [
    { kind: "limits", limits },
    { kind: "budget", budget },
  ];
  const read = async (cursor?: string) =>
    succeeded(await askObject("account", account, (it) => it.ledgerPage({ limit: PAGE, cursor })));
  for await (const entries of everyPage(read)) {
    yield entries.map((ledger_entry) => ({ kind: "ledger_entry", ledger_entry }));
  }
}

async function* threadLines(
  env: Cloudflare.Env,
  userId: UserId,
  thread: Thread,
  said: HistoryExport,
): AsyncGenerator<ExportLine[]> {
  yield [{ kind: "thread", thread }];
  const query = { limit: PAGE, order: "asc", superseded: "include" } as const;
  const read = (cursor?: string) => listMessages(env, userId, thread.id, { ...query, cursor });
  for await (const messages of everyPage(read)) {
    yield messages.map((message) => ({ kind: "message", message }));
    const runs = await runsOf(env, userId, messages, said);
    yield runs.map((run) => ({ kind: "run", run }));
    yield await said.reports(runs.map(({ id }) => id));
  }
}

/** @returns the runs of a page of messages: from D1, or from the thread if they have not ended. */
async function runsOf(
  env: Cloudflare.Env,
  userId: UserId,
  messages: readonly Message[],
  said: HistoryExport,
): Promise<Run[]> {
  const asked = messages.filter(({ role }) => role === "user");
  const first = await said.runs(asked.slice(0, PAGE / 2).map(({ run_id }) => run_id));
  const second = await said.runs(asked.slice(PAGE / 2).map(({ run_id }) => run_id));
  const saved = new Map([...first, ...second].map((run) => [run.id, run]));
  const runs: Run[] = [];
  for (const { run_id, thread_id } of asked) {
    const known = saved.get(run_id);
    const isFinal = known !== undefined && known.completed_at !== null;
    const run = isFinal
      ? known
      : await reachThread(env, userId, thread_id, (thread) => thread.readRun(run_id));
    // The answer's text is left out, because its message contains it.
    if (run !== null) runs.push({ ...run, final_response: null });
  }
  return runs;
}

async function* everyPage<Item>(
  read: (cursor?: string) => Promise<Page<Item>>,
): AsyncGenerator<readonly Item[]> {
  let cursor: string | undefined;
  do {
    const { data, next_cursor } = await read(cursor);
    yield data;
    cursor = next_cursor ?? undefined;
  } while (cursor !== undefined);
}
