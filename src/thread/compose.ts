/** Puts a Thread object together: its rows, its log, its sockets, and who works on them. */
import { timestamp } from "../core/clock.ts";
import { type ThreadLog, threadLog } from "../core/thread-log.ts";
import { accountObjectName } from "../durable/names.ts";
import { openTables } from "../durable/schema.ts";
import { Sockets } from "../durable/sockets.ts";
import { readConfig } from "../env.ts";
import { ApexError } from "../protocol/errors.ts";
import type { LoggedEvent, ServerFrame } from "../protocol/events.ts";
import { type RunId, ThreadId, UserId } from "../protocol/ids.ts";
import { MAX_REPLAY } from "../protocol/limits.ts";
import { TITLES } from "../protocol/titles.ts";
import { ownUsageWriter } from "../usage/own-usage-writer.ts";
import { Admission } from "./admission.ts";
import { Announcer } from "./announcer.ts";
import { Approvals } from "./approvals.ts";
import { Checkpoints } from "./checkpoints.ts";
import { OfferedTools } from "./connected-tools.ts";
import { connectionContext, errorEvent, NO_COMMAND } from "./connection-context.ts";
import { Conversation } from "./conversation.ts";
import { CopiedRuns } from "./copied-runs.ts";
import { DeadLetterRows } from "./dead-letters.ts";
import { Deletion } from "./deletion.ts";
import { Fork } from "./fork.ts";
import { HistoryOutbox } from "./history-outbox.ts";
import { Intake } from "./intake.ts";
import { keptHistory } from "./kept-history.ts";
import { Labels } from "./labels.ts";
import { portsOf } from "./ports.ts";
import { Presence } from "./presence.ts";
import { Reception } from "./reception.ts";
import { Relay } from "./relay.ts";
import { RunRows } from "./run-rows.ts";
import { Runner } from "./runner.ts";
import { SCHEMA } from "./sql.ts";
import { Summaries } from "./summaries.ts";
import { SummaryCalls } from "./summary-calls.ts";
import { type CommitNote, ThreadJournal } from "./thread-journal.ts";
import { Tickets } from "./tickets.ts";

/** @returns who a Thread object belongs to, read from the name it is reached by. */
function ownerOf(id: DurableObjectId): { readonly userId: UserId; readonly threadId: ThreadId } {
  const [userId, threadId] = (id.name ?? "").split("/");
  return { userId: UserId.parse(userId), threadId: ThreadId.parse(threadId) };
}

/**
 * @param onChange called whenever the thread may have become busy or idle.
 * @throws {ApexError} `misconfigured`.
 */
export function composeThread(ctx: DurableObjectState, env: Cloudflare.Env, onChange: () => void) {
  const { storage } = ctx;
  const { sql } = storage;
  const owner = ownerOf(ctx.id);
  const ports = portsOf(env);
  const { clock } = ports;
  const journal = new ThreadJournal(sql, openTables(storage, SCHEMA), owner.threadId);
  const runs = new RunRows(sql, owner.threadId);
  const begun = journal.begunAfter(runs.lastEnded);
  if (begun !== null) runs.hold(begun);
  const log: ThreadLog<CommitNote> = threadLog({
    store: journal,
    liveSeq: () => runs.next()?.accepted_seq ?? null,
    clock,
    ...owner,
    maxReplay: MAX_REPLAY,
  });
  const conversation = new Conversation(sql, owner.threadId);
  const deletion = new Deletion(storage, clock);
  const account = () => env.ACCOUNTS.getByName(accountObjectName(owner.userId));
  const usage = { db: env.DB, clickhouse: readConfig(env).clickhouse, log: ports.log };
  const writeUsage = ownUsageWriter(usage, owner.userId);
  const { history, threads } = keptHistory(env, owner.userId, writeUsage);
  const paid = { ...owner, storage, ports, deletion, account, writeUsage, onChange };
  const summaryCalls = new SummaryCalls(paid);
  const rows = {
    ...owner,
    storage,
    ports,
    journal,
    log,
    runs,
    copied: new CopiedRuns(sql, owner.threadId),
    conversation,
    deletion,
    summaryCalls,
    summaries: new Summaries({ conversation, journal, ports, calls: summaryCalls }),
    labels: new Labels(sql, runs),
    deadLetters: new DeadLetterRows(sql),
    threads,
  };
  const toAccount = { ...owner, account, clock, log: ports.log };
  const queued = () => Math.max(0, runs.waiting().length - 1);
  const traceOf = (runId: RunId) => runs.get(runId)?.origin?.trace ?? null;
  const announcer = new Announcer({ ...toAccount, journal, deletion, queued, traceOf });
  const sockets = new Sockets<ServerFrame>(ctx, {
    clock,
    warning: (expiresAt) => ({
      type: "token_expiring",
      seq: null,
      context: connectionContext({ ...owner, clock }),
      data: { expires_at: timestamp(expiresAt * 1_000) },
    }),
    farewell: (code) =>
      errorEvent({ ...owner, clock }, new ApexError(code, TITLES[code]), NO_COMMAND),
    onEnd: () => tellPresence(),
  });
  const presence = new Presence({ ...toAccount, count: () => sockets.count });
  const tellPresence = () => {
    if (!presence.change() || deletion.isErased) return;
    ctx.waitUntil(presence.flush().then(() => presence.dueAt !== null && onChange()));
  };
  const tell = (events: readonly LoggedEvent[]) => {
    sockets.broadcast(events);
    if (announcer.hear(events)) ctx.waitUntil(announcer.flush().then(onChange));
  };
  const fork = new Fork({ ...rows, tell });
  const outbox = new HistoryOutbox({ ...rows, announcer, fork });
  const relay = new Relay(outbox, history, {
    ...ports,
    historyWatch: ports.historyWatch(owner.userId),
  });
  const checkpoints = new Checkpoints({ ...rows, outbox });
  const admission = new Admission(rows);
  const runner = new Runner({ ...rows, ctx, relay, checkpoints, sockets, tell, onChange });
  const approvals = new Approvals({ ...rows, deletion, runner, tell, onChange });
  const tickets = new Tickets(sql);
  const reception = new Reception({ ...owner, clock, log, tickets, sockets, runner, presence });
  const intake = new Intake({
    ...toAccount,
    announcer,
    offered: new OfferedTools(ports, owner.userId),
    runs,
    deletion,
    admission,
    runner,
    tell,
    onChange,
  });
  return {
    ...rows,
    announcer,
    fork,
    outbox,
    relay,
    sockets,
    tell,
    admission,
    approvals,
    runner,
    reception,
    presence,
    intake,
    clock,
  };
}

/** All that a Thread object works with. */
export type ThreadParts = ReturnType<typeof composeThread>;
