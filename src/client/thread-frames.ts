/** What arrives on a thread's socket, as checks: a frame of another form is not folded in. */
import type { Context } from "../protocol/envelope.ts";
import type { MessageDelta, ServerFrame } from "../protocol/events.ts";
import type { FallbackCode } from "../protocol/fallbacks.ts";
import type { ClientMessageId, RunId } from "../protocol/ids.ts";
import type { Json } from "../protocol/json.ts";
import {
  boolean,
  type Check,
  count,
  isObject,
  labels,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  present,
  text,
} from "./checks.ts";
import { isFinalStatus, isFinding, isProblem, isRunStatus, isRunUsage } from "./entities.ts";
import { isRunResults } from "./results.ts";

type Told = Extract<ServerFrame, { readonly data: unknown }>;
type Data<Type extends Told["type"]> = Extract<Told, { readonly type: Type }>["data"];

/** What each frame's `data` holds. */
const DATA: { readonly [Type in Told["type"]]: Check<Data<Type>> } = {
  message_accepted: object<Data<"message_accepted">>({
    client_message_id: nullable(text<ClientMessageId>),
    message_id: text,
    run_id: text,
    content: text,
    replaces: nullable(
      object<NonNullable<Data<"message_accepted">["replaces"]>>({ message_id: text, seq: count }),
    ),
    queue_position: count,
  }),
  agent_started: object<Data<"agent_started">>({
    agent_type: text,
    model: text,
    message_id: text,
    plan: list(text),
  }),
  agent_thinking: object<Data<"agent_thinking">>({
    reasoning: text,
    source: oneOf({ model: 1, loop: 1 }),
  }),
  handoff: object<Data<"handoff">>({
    from: text,
    to: text,
    reason: text,
    findings: list(isFinding),
  }),
  approval_requested: object<Data<"approval_requested">>({
    call_id: text,
    tool_name: text,
    operation: text,
    arguments: present,
    expires_at: text,
  }),
  approval_decided: object<Data<"approval_decided">>({
    call_id: text,
    decision: oneOf({ approved: 1, rejected: 1, expired: 1 }),
    by: oneOf({ user: 1, clock: 1 }),
  }),
  tool_executing: object<Data<"tool_executing">>({
    call_id: text,
    tool_name: text,
    operation: text,
    arguments: present,
  }),
  tool_completed: object<Data<"tool_completed">>({
    call_id: text,
    tool_name: text,
    status: oneOf({ succeeded: 1, failed: 1, timed_out: 1, cancelled: 1, unknown: 1 }),
    duration_ms: number,
    results: optional(present<Json>),
    problem: optional(isProblem),
  }),
  agent_fallback: object<Data<"agent_fallback">>({
    part: oneOf<Data<"agent_fallback">["part"]>({
      model: 1,
      tool: 1,
      history: 1,
      run: 1,
      agent: 1,
    }),
    // A newer server may know more of them: what it says in words is told then.
    code: optional(text<FallbackCode>),
    subject: optional(text),
    problem: optional(isProblem),
    as_of: optional(text),
    reason: text,
    action: text,
    until: nullable(text),
  }),
  agent_completed: object<Data<"agent_completed">>({
    status: isFinalStatus,
    message_id: text,
    final_response: text,
    results: isRunResults,
    usage: isRunUsage,
    duration_ms: number,
    model: text,
    persisted: boolean,
    problem: optional(isProblem),
    caller_calls: optional(
      list(
        object<NonNullable<Data<"agent_completed">["caller_calls"]>[number]>({
          call_id: text,
          name: text,
          arguments: text,
        }),
      ),
    ),
  }),
  thread_updated: object<Data<"thread_updated">>({ title: nullable(text), metadata: labels }),
  connection_ready: object<Data<"connection_ready">>({
    protocol: text,
    epoch: text,
    last_seq: count,
    recovered: boolean,
    replay_after: count,
    live_run_id: nullable(text<RunId>),
    limits: object({
      max_frame_bytes: number,
      max_message_length: number,
      max_queued_runs: number,
      max_replay: number,
    }),
  }),
  cancel_accepted: object<Data<"cancel_accepted">>({
    run_id: text,
    status: isRunStatus,
    last_seq: nullable(count),
  }),
  token_expiring: object<Data<"token_expiring">>({ expires_at: text }),
  error: object<Data<"error">>({
    problem: isProblem,
    command: nullable(text),
    client_message_id: nullable(text),
  }),
};

const isContext = object<Context>({
  user_id: text,
  thread_id: text,
  run_id: nullable(text<RunId>),
  agent: nullable(text),
  timestamp: text,
});

const isDelta = object<MessageDelta>({
  type: oneOf({ message_delta: 1 }),
  message_id: text,
  offset: count,
  text,
});

const isTold = oneOf(DATA);
/** The frames of one connection: they have no place in the log. */
const isOfConnection = oneOf({
  connection_ready: 1,
  cancel_accepted: 1,
  token_expiring: 1,
  error: 1,
});

/** @returns whether a value is a frame that this version knows, with all that it promises. */
export function isServerFrame(value: unknown): value is ServerFrame {
  if (!isObject(value)) return false;
  const { type, seq, context, data } = value;
  if (type === "pong") return true;
  if (!isTold(type)) return isDelta(value);
  if (!isContext(context) || !DATA[type](data)) return false;
  if (isOfConnection(type)) return seq === null;
  return count(seq) && (context.run_id !== null || type === "thread_updated");
}
