/** Takes a message in: one transaction for the message, its run, its event and its way to the history. */
import { AGENT_NAMES, DEFAULT_AGENT, findAgent } from "../agents/roster.ts";
import { newId } from "../core/clock.ts";
import { admit } from "../core/run-queue.ts";
import type { ThreadLog } from "../core/thread-log.ts";
import type { PostMessageBody } from "../protocol/api.ts";
import { ApexError } from "../protocol/errors.ts";
import type { LoggedEvent } from "../protocol/events.ts";
import { MessageId, RunId, type ThreadId } from "../protocol/ids.ts";
import { MAX_QUEUED_RUNS } from "../protocol/limits.ts";
import { rowsOfAccepted } from "./history-rows.ts";
import type { OutboxRows } from "./outbox-rows.ts";
import type { Ports } from "./ports.ts";
import type { RunRow, RunRows } from "./run-rows.ts";

/** An accepted message: its run, and the event to send. A repeated message has no new event. */
export interface Acceptance {
  readonly run: RunRow;
  readonly event: LoggedEvent | null;
  /** The runs the message cancelled, to be stopped where they are live. */
  readonly cancelled: readonly RunId[];
}

export class Admission {
  readonly #storage: DurableObjectStorage;
  readonly #threadId: ThreadId;
  readonly #log: ThreadLog<never>;
  readonly #runs: RunRows;
  readonly #outbox: OutboxRows;
  readonly #ports: Ports;

  constructor(parts: {
    readonly storage: DurableObjectStorage;
    readonly threadId: ThreadId;
    readonly log: ThreadLog<never>;
    readonly runs: RunRows;
    readonly outbox: OutboxRows;
    readonly ports: Ports;
  }) {
    this.#storage = parts.storage;
    this.#threadId = parts.threadId;
    this.#log = parts.log;
    this.#runs = parts.runs;
    this.#outbox = parts.outbox;
    this.#ports = parts.ports;
  }

  /**
   * Accepts a message, durably when it returns.
   * @throws {ApexError} `invalid_fields`, `idempotency_conflict`, `thread_busy` or `queue_full`;
   *   nothing changed.
   */
  accept(message: PostMessageBody): Acceptance {
    const agent = this.#agent(message.agent);
    const model = this.#model(message.model);
    return this.#storage.transactionSync(() => {
      const clientMessageId = message.client_message_id ?? null;
      const earlier = clientMessageId && this.#runs.byClientMessageId(clientMessageId);
      const arrival = { content: message.content, queueing: message.queueing ?? "queue" };
      const admission = admit(arrival, {
        earlier: earlier === null ? null : { run: earlier, content: earlier.content },
        waiting: this.#runs.waiting(),
        capacity: MAX_QUEUED_RUNS,
      });
      if (admission.outcome === "refused") throw admission.error;
      if (admission.outcome === "repeated") {
        return { run: admission.run, event: null, cancelled: [] };
      }
      const { cancels: cancelled, position: queuePosition } = admission;
      for (const runId of cancelled) this.#runs.requestCancel(runId);
      return { ...this.#store(message, { agent, model, queuePosition }), cancelled };
    });
  }

  #store(
    message: PostMessageBody,
    chosen: { readonly agent: string; readonly model: string; readonly queuePosition: number },
  ): Omit<Acceptance, "cancelled"> {
    const client_message_id = message.client_message_id ?? null;
    const ids = { run_id: RunId.parse(newId()), message_id: MessageId.parse(newId()) };
    const [event] = this.#log.append([
      {
        type: "message_accepted",
        run_id: ids.run_id,
        agent: null,
        data: {
          ...ids,
          client_message_id,
          content: message.content,
          replaces: null,
          queue_position: chosen.queuePosition,
        },
      },
    ]);
    const accepted_seq = this.#log.lastSeq;
    this.#runs.insert({
      ...ids,
      accepted_seq,
      client_message_id,
      answer_id: MessageId.parse(newId()),
      content: message.content,
      agent: chosen.agent,
      model: chosen.model,
      accepted_at: this.#ports.clock.now(),
    });
    const run = this.#runs.get(ids.run_id);
    if (run === null || event === undefined) throw new Error("An accepted run was not stored.");
    this.#outbox.add(rowsOfAccepted(run, this.#threadId, accepted_seq));
    return { run, event };
  }

  #agent(name: string | undefined): string {
    const agent = name === undefined ? DEFAULT_AGENT : findAgent(name);
    if (agent === undefined) throw unknownChoice("agent", AGENT_NAMES);
    return agent.name;
  }

  #model(name: string | undefined): string {
    const { models } = this.#ports.model;
    if (name !== undefined && !models.includes(name)) throw unknownChoice("model", models);
    return name ?? models[0];
  }
}

function unknownChoice(field: "agent" | "model", known: readonly string[]): ApexError {
  const message = `must be one of: ${known.join(", ")}`;
  return new ApexError("invalid_fields", `There is no such ${field}: it ${message}.`, {
    errors: [{ field, message }],
  });
}
