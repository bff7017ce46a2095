/** Sends what summaries cost to the user's ledger and to the usage records. Each call is kept until both have it. */
import * as z from "zod";
import type { AccountRpc } from "../account/rpc.ts";
import { type ModelStep, usageOf } from "../core/checkpoint.ts";
import { timestamp } from "../core/clock.ts";
import type { LogFields } from "../core/log.ts";
import { Outbox, type OutboxEntry, type OutboxStore } from "../core/outbox.ts";
import { reach } from "../durable/reach.ts";
import { LedgerEntry } from "../protocol/budget.ts";
import { type ThreadId, type UserId, workspaceOf } from "../protocol/ids.ts";
import type { UsageWriter } from "../store/history.ts";
import { saveBatch } from "../store/save-batch.ts";
import { ownRecord } from "../usage/own-calls.ts";
import { UsageRecord } from "../usage/record.ts";
import type { Deletion } from "./deletion.ts";
import type { Ports } from "./ports.ts";
import type { RunRow } from "./run-row.ts";

/** Where waiting calls are stored: one row, which exists only while there are any. */
const KEY = "summary_calls";
/** How long the Account object may take, in milliseconds. */
const DEADLINE_MS = 2_000;
/** The prompt name that tells the records of these calls from those of agents. */
const PROMPT_NAME = "conversation_summary";

const SummaryCall = z.object({ entry: LedgerEntry, record: UsageRecord });
type SummaryCall = z.infer<typeof SummaryCall>;

/** The run after which a summary is made. Its budget pays for it, and its workspace gets the usage record. */
export type SummedUpRun = Pick<RunRow, "run_id" | "agent" | "model" | "workspace_id">;

interface SummaryCallsParts {
  readonly threadId: ThreadId;
  readonly userId: UserId;
  readonly storage: Pick<DurableObjectStorage, "kv">;
  readonly ports: Pick<Ports, "clock" | "log" | "model" | "database"> & {
    readonly telemetry: Pick<Ports["telemetry"], "metrics">;
  };
  readonly deletion: Pick<Deletion, "isErased">;
  /** A new stub of the user's Account object. */
  readonly account: () => Pick<AccountRpc, "enter">;
  readonly writeUsage: UsageWriter;
  /** Called when a call was added or has arrived. */
  readonly onChange: () => void;
}

/** Both receivers are told at least once, and ignore a call that they have, so the sums stay right. */
export class SummaryCalls implements OutboxStore<SummaryCall> {
  readonly #parts: SummaryCallsParts;
  readonly #outbox: Outbox<SummaryCall>;
  #waiting: readonly SummaryCall[];

  constructor(parts: SummaryCallsParts) {
    const { storage, ports } = parts;
    this.#parts = parts;
    this.#waiting = z.array(SummaryCall).parse(storage.kv.get(KEY) ?? []);
    const send = (batch: readonly OutboxEntry<SummaryCall>[]) =>
      this.#send(batch.map(({ row }) => row));
    this.#outbox = new Outbox(this, send, ports.clock, ports.log, ports.telemetry.metrics);
  }

  /** When to flush next (milliseconds since the Unix epoch), or null if nothing waits. */
  get dueAt(): number | null {
    return this.#outbox.dueAt;
  }

  /**
   * Sends what waits, unless it is still backing off after a failure.
   * @returns whether all has arrived. Never throws.
   */
  flush(): Promise<boolean> {
    return this.#outbox.flush();
  }

  /**
   * Records the call that was made after a run, whether it succeeded or not.
   * @param turn what it used.
   * @param at when it began, in milliseconds since the Unix epoch.
   */
  async enter(
    run: SummedUpRun,
    turn: ModelStep,
    { at, failed }: { readonly at: number; readonly failed: boolean },
  ): Promise<void> {
    const { onChange } = this.#parts;
    this.#keep([...this.#waiting, this.#call(run, turn, at, failed)]);
    // The alarm is set before sending, so that a crash does not lose the call.
    onChange();
    await this.flush();
    onChange();
  }

  peek(limit: number): readonly OutboxEntry<SummaryCall>[] {
    return this.#waiting.slice(0, limit).map((row) => ({ id: row.record.record_id, row }));
  }

  remove(ids: readonly string[]): void {
    this.#keep(this.#waiting.filter(({ record }) => !ids.includes(record.record_id)));
  }

  bury(id: string): LogFields {
    this.remove([id]);
    return { thread_id: this.#parts.threadId, record_id: id };
  }

  #call(run: SummedUpRun, turn: ModelStep, at: number, failed: boolean): SummaryCall {
    const { ports, threadId, userId } = this.#parts;
    const { clock, model } = ports;
    return {
      entry: {
        run_id: run.run_id,
        thread_id: threadId,
        status: failed ? "failed" : "completed",
        agent: run.agent,
        model: run.model,
        usage: usageOf([turn], run.model, model.cost),
        // Never the time at which the run ended, because the ledger tells entries apart by run and time.
        ended_at: timestamp(clock.now() + 1),
        summary: true,
      },
      record: ownRecord({
        workspaceId: run.workspace_id ?? workspaceOf(userId, null),
        runId: run.run_id,
        place: "summary",
        at,
        provider: model.provider,
        model: run.model,
        agent: PROMPT_NAME,
        failed,
        usage: turn.usage,
      }),
    };
  }

  /** @throws {RowsRefused} if D1 will never accept the records; any other error is an outage. */
  async #send(calls: readonly SummaryCall[]): Promise<void> {
    const { account, ports, writeUsage } = this.#parts;
    for (const { entry } of calls) await reach(account, (it) => it.enter(entry), DEADLINE_MS);
    const records = calls.map(({ record }) => record);
    await saveBatch(ports.database.$client, await writeUsage(records));
  }

  #keep(waiting: readonly SummaryCall[]): void {
    const { deletion, storage } = this.#parts;
    this.#waiting = waiting;
    // The storage of an erased thread must stay empty. What it cost is sent all the same.
    if (deletion.isErased) return;
    if (waiting.length === 0) storage.kv.delete(KEY);
    else storage.kv.put(KEY, waiting);
  }
}
