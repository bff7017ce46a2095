/** Stores a message and queues its run, in one transaction; the run also starts there if no other is before it. */
import { AGENT_NAMES, DEFAULT_AGENT, findAgent } from "../agents/roster.ts";
import { assertOwnNames, keptCaller } from "../core/caller.ts";
import { newId } from "../core/clock.ts";
import { Narration } from "../core/narration.ts";
import type { RunOrder } from "../core/run-order.ts";
import { admit } from "../core/run-queue.ts";
import type { ThreadLog } from "../core/thread-log.ts";
import type { Grant } from "../durable/grant.ts";
import type { OfferedTool } from "../mcp/connected-tool.ts";
import type { PostMessageBody } from "../protocol/api.ts";
import type { CallerContext } from "../protocol/caller.ts";
import { ApexError } from "../protocol/errors.ts";
import type { LoggedEvent, NewEvent } from "../protocol/events.ts";
import {
  MessageId,
  type RunId,
  type ThreadId,
  type UserId,
  type WorkspaceId,
  workspaceOf,
} from "../protocol/ids.ts";
import { MAX_QUEUED_RUNS } from "../protocol/limits.ts";
import { toolScopesOf } from "../protocol/scopes.ts";
import type { Conversation } from "./conversation.ts";
import type { Labels } from "./labels.ts";
import type { Ports } from "./ports.ts";
import { orderOf } from "./run-order.ts";
import type { RunOrigin } from "./run-origin.ts";
import type { RunColumns, RunRow } from "./run-row.ts";
import type { RunRows } from "./run-rows.ts";
import type { CommitNote } from "./thread-journal.ts";

/** An accepted message: its run, and the events to send. A message that was accepted before has none. */
export interface Acceptance {
  readonly run: RunRow;
  /** What the run is asked to do; null if it does not start now, because it waits or was accepted before. */
  readonly order: RunOrder | null;
  readonly events: readonly LoggedEvent[];
  /** The runs that this message cancelled. One of them may be under way, and is to be stopped. */
  readonly cancelled: readonly RunId[];
}

interface AdmissionParts {
  readonly storage: DurableObjectStorage;
  readonly userId: UserId;
  readonly threadId: ThreadId;
  readonly log: ThreadLog<CommitNote>;
  readonly runs: RunRows;
  readonly conversation: Conversation;
  readonly labels: Labels;
  readonly ports: Ports;
}

/** Everything about the new run that does not stand in the message itself. */
interface Choice {
  readonly agent: string;
  readonly model: string;
  readonly tool_scopes: string[] | null;
  readonly workspace_id: WorkspaceId;
  readonly connected_tools: string | null;
  readonly max_cost_usd: number | null;
  readonly position: number;
  readonly replaced: RunRow | null;
  /** What a client of another protocol sent along (see {@link keptCaller}), as JSON. */
  readonly caller: string | null;
  readonly origin: RunOrigin | null;
}

export class Admission {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /**
   * Accepts a message. It is stored durably when this returns.
   * @param sender what the sender may do, which bounds what the run may do, and whose usage records it reads.
   * @param brought the tools of the user's connected MCP servers, as they are now; what a client of another
   *   protocol sent along; and the request that the message came in with.
   * @throws {ApexError} `invalid_fields`, `too_large`, `idempotency_conflict`, `thread_busy` or
   *   `queue_full`; nothing changed.
   */
  accept(
    message: PostMessageBody,
    sender: Pick<Grant, "scopes" | "organizationId">,
    brought: {
      readonly connected: readonly OfferedTool[];
      readonly caller?: CallerContext | undefined;
      readonly origin?: RunOrigin | undefined;
    },
  ): Acceptance {
    const { storage, ports, runs, userId } = this.#parts;
    const { connected, caller = null, origin = null } = brought;
    if (caller !== null) assertOwnNames(caller.tools, ports.tools);
    const kept = keptCaller(caller);
    const agent = this.#agent(message.agent);
    const model = this.#model(message.model);
    const tool_scopes = toolScopesOf(sender.scopes);
    const workspace_id = workspaceOf(userId, sender.organizationId);
    const connected_tools = connected.length === 0 ? null : JSON.stringify(connected);
    const { begun = null, ...acceptance } = storage.transactionSync(() => {
      const clientMessageId = message.client_message_id ?? null;
      const earlier = clientMessageId && runs.byClientMessageId(clientMessageId);
      const replaced = earlier === null ? this.#replaced(message) : null;
      const waiting = runs.waiting();
      const arrival = {
        queueing: message.queueing ?? "queue",
        replaces: replaced?.run_id ?? null,
      };
      const admission = admit(arrival, {
        earlier: earlier === null ? null : { run: earlier, isSame: asksTheSame(message, earlier) },
        waiting: waiting.map(({ run_id }) => run_id),
        capacity: MAX_QUEUED_RUNS,
      });
      if (admission.outcome === "refused") throw admission.error;
      if (admission.outcome === "repeated") {
        return { run: admission.run, order: null, events: [], cancelled: [], begun: null };
      }
      const { cancels: cancelled, position } = admission;
      for (const run of waiting) if (cancelled.includes(run.run_id)) runs.requestCancel(run);
      const max_cost_usd = message.max_cost_usd ?? null;
      const chosen = { agent, model, tool_scopes, workspace_id, connected_tools, max_cost_usd };
      const choice = { ...chosen, position, replaced, caller: kept, origin };
      return { ...this.#store(message, choice), cancelled };
    });
    if (begun !== null) runs.hold(begun);
    return acceptance;
  }

  /** @returns the acceptance; `begun` holds the run's columns if it starts right away. */
  #store(message: PostMessageBody, choice: Choice) {
    const { log, runs, labels, ports } = this.#parts;
    const { position, replaced, ...chosen } = choice;
    const accepted_seq = log.lastSeq + 1;
    const client_message_id = message.client_message_id ?? null;
    const message_id = MessageId.parse(newId());
    const now = ports.clock.now();
    const named = labels.name(message.content);
    // If no run is before it, it starts in this same transaction, which saves a write.
    const begins = { seq: accepted_seq + 1, at: now, codeVersion: ports.codeVersion };
    const accepted = { accepted_seq, client_message_id, message_id, content: message.content };
    const answer_id = MessageId.parse(newId());
    const asked = { ...accepted, ...chosen, answer_id, accepted_at: now };
    const begun = position === 0 ? runs.begin(asked, begins) : null;
    const run = begun?.row ?? runs.insert(asked);
    if (replaced !== null) runs.supersede(replaced, { seq: accepted_seq, messageId: message_id });

    const happened: NewEvent[] = [
      {
        type: "message_accepted",
        run_id: run.run_id,
        agent: null,
        data: {
          run_id: run.run_id,
          message_id,
          client_message_id,
          content: message.content,
          replaces: replaced && { message_id: replaced.message_id, seq: replaced.accepted_seq },
          queue_position: position,
        },
      },
    ];
    const order = begun === null ? null : orderOf(run, this.#parts);
    if (order !== null) happened.push(...new Narration(order).opening());
    if (named !== null) {
      happened.push({ type: "thread_updated", run_id: null, agent: null, data: named });
    }
    const note = { run: accepted_seq, history: true as const };
    const columns = begun?.columns ?? null;
    const events = log.append(happened, { ...note, ...(columns && { begun: unsaid(columns) }) });
    return { run, order, events, begun: columns };
  }

  /** @returns the run whose message this one replaces, or null if it replaces none. */
  #replaced({ replaces }: PostMessageBody): RunRow | null {
    if (replaces === undefined) return null;
    const run = this.#parts.runs.byMessageId(replaces);
    if (run !== null && run.superseded_by === null) return run;
    const message =
      run === null ? "names no message of the user's in this thread" : "was replaced already";
    throw new ApexError("invalid_fields", `The message to replace ${message}.`, {
      errors: [{ field: "replaces", message }],
    });
  }

  #agent(name: string | undefined): string {
    const agent = name === undefined ? DEFAULT_AGENT : findAgent(name);
    if (agent === undefined) throw unknownChoice("agent", AGENT_NAMES);
    return agent.name;
  }

  #model(name: string | undefined): string {
    const { models } = this.#parts.ports.model;
    if (name !== undefined && !models.includes(name)) throw unknownChoice("model", models);
    return name ?? models[0];
  }
}

/** @returns the columns without the content, which the event that is stored beside them holds already. */
function unsaid({ content: _, ...columns }: RunColumns): RunColumns {
  return columns;
}

/** Whether a repeated message is the same: it may leave out agent and model, but not name other ones. */
function asksTheSame({ content, agent, model }: PostMessageBody, run: RunRow): boolean {
  const sameChoice = (agent ?? run.agent) === run.agent && (model ?? run.model) === run.model;
  return content === run.content && sameChoice;
}

function unknownChoice(field: "agent" | "model", known: readonly string[]): ApexError {
  const message = `must be one of: ${known.join(", ")}`;
  return new ApexError("invalid_fields", `There is no such ${field}: it ${message}.`, {
    errors: [{ field, message }],
  });
}
