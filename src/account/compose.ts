/** Puts together the parts of an Account object. */
import { systemClock } from "../core/clock.ts";
import { Alarm } from "../durable/alarm.ts";
import { organizationObjectName, threadObjectName } from "../durable/names.ts";
import { Sockets } from "../durable/sockets.ts";
import { telemetryOf } from "../durable/telemetry.ts";
import type { FeedFrame } from "../protocol/account-feed.ts";
import { type ThreadId, UserId, workspaceOf } from "../protocol/ids.ts";
import { openDatabase } from "../store/database.ts";
import { assertWorkspace } from "../store/membership.ts";
import { consoleLog } from "../telemetry/log.ts";
import { Budget } from "./budget.ts";
import { Closing } from "./closing.ts";
import { EndedVouchers } from "./ended-vouchers.ts";
import { Feed } from "./feed.ts";
import { Gate } from "./gate.ts";
import { keptRows } from "./kept-rows.ts";
import { LedgerRows } from "./ledger.ts";
import { OpenSockets } from "./open-sockets.ts";
import { Quotas } from "./quotas.ts";
import { Revocations } from "./revocations.ts";
import type { RunsUnderWay } from "./runs-under-way.ts";
import { Till } from "./till.ts";

/**
 * A Worker that reads a feed pings four times within this time; without a ping its socket is closed. In
 * milliseconds.
 */
const READER_SILENCE_MS = 60_000;

/** How much later the number of a thread's sockets is stored, in milliseconds, once it is stored that it has any. */
const NOTED_AFTER_MS = 100;

/** @param runs gives the runs of the user's threads, read from the feed on the first call. */
export function composeAccount(
  ctx: DurableObjectState,
  env: Cloudflare.Env,
  runs: () => RunsUnderWay,
) {
  const { storage } = ctx;
  const { sql } = storage;
  const userId = UserId.parse(ctx.id.name);
  const clock = systemClock;
  const log = consoleLog;
  const telemetry = telemetryOf(env);
  const thread = (id: ThreadId) => env.THREADS.getByName(threadObjectName(userId, id));
  const ledger = new LedgerRows(sql, clock);
  // First of all, because it creates the tables of the others.
  const feed = new Feed({ storage, userId, ledger, clock });
  const sockets = new Sockets<FeedFrame>(ctx, { clock, silenceMs: READER_SILENCE_MS });
  const feeds = () => sockets.countLiving();
  const vouchers = new EndedVouchers(sql, clock);
  const alarm = new Alarm(ctx);
  const open = new OpenSockets({
    sql,
    thread,
    log,
    onChange(more) {
      telemetry.metrics.add("apex_sockets_open", {}, more);
      ctx.waitUntil(telemetry.metrics.reportInTime());
    },
    soon: (work) => ctx.waitUntil(clock.sleep(NOTED_AFTER_MS).then(work)),
  });
  const budget = new Budget({
    storage,
    userId,
    ledger,
    organization: (id) => env.ORGANIZATIONS.getByName(organizationObjectName(id)),
    assertMember: (id) => assertWorkspace(openDatabase(env.DB), userId, workspaceOf(userId, id)),
    isOpen: () => !closing.isDecided,
    clock,
    log,
  });
  const rows = keptRows(env, userId);
  const forget = () => budget.forget();
  const closing: Closing = new Closing({ storage, rows, thread, forget, clock, log });
  const wakeBy = (at: number) => alarm.by(at);
  const till = new Till({ storage, env, userId, ledger, clock, log, wakeBy });
  const quotas = new Quotas({ clock, runs, sockets: () => open.total() + feeds() });
  const gate = new Gate({ clock, closing, vouchers, quotas, open, feeds });
  const revocations = new Revocations({ vouchers, feeds: sockets, open, alarm, clock });
  return { log, feed, sockets, revocations, closing, open, budget, quotas, till, gate, alarm };
}
