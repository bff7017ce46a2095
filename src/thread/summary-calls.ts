/** What summing up used, on its way to the user's ledger and to the usage records: kept until both have it. */
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

/** Where they wait in the object's storage: a row where a summary is made, and none where none is. */
const KEY = "summary_calls";
/** How long the user's object may take, in milliseconds. */
const DEADLINE_MS = 2_000;
/** By which the records of these calls are told from those of agents. */
const PROMPT_NAME = "conversation_summary";

const SummaryCall = z.object({ entry: LedgerEntry, record: UsageRecord });
type SummaryCall = z.infer<typeof SummaryCall>;

/** The run after which a summary is made: it pays, and in its workspace the call is told of. */
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
  /** Called when there is more, or less, to be told. */
  readonly onChange: () => void;
}

/** Both are told at least once, and take the same call once: what is told late, or twice, adds up. */
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

  /** @returns when to flush again (milliseconds since the Unix epoch), or null where nothing waits. */
  get dueAt(): number | null {
    return this.#outbox.dueAt;
  }

  /** Sends what waits, unless a failure tells to wait longer. @returns whether all has arrived. Never throws. */
  flush(): Promise<boolean> {
    return this.#outbox.flush();
  }

  /**
   * Enters the call that was made after a run, whatever came of it.
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
    // Before it is sent: who dies meanwhile is woken to send it.
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
        // Never the moment at which the run ended: entries are told apart by their run and moment.
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

  /** @throws {RowsRefused} where D1 will never take the records; anything else is an outage. */
  async #send(calls: readonly SummaryCall[]): Promise<void> {
    const { account, ports, writeUsage } = this.#parts;
    for (const { entry } of calls) await reach(account, (it) => it.enter(entry), DEADLINE_MS);
    const records = calls.map(({ record }) => record);
    await saveBatch(ports.database.$client, await writeUsage(records));
  }

  #keep(waiting: readonly SummaryCall[]): void {
    const { deletion, storage } = this.#parts;
    this.#waiting = waiting;
    // Nothing is left of a thread that is gone; what it used is told of all the same.
    if (deletion.isErased) return;
    if (waiting.length === 0) storage.kv.delete(KEY);
    else storage.kv.put(KEY, waiting);
  }
}
