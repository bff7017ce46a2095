/** Frames of one imaginary thread, for tests to say in any order. */
import { isServerFrame } from "../../../src/client/thread-frames.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import type { RunUsage } from "../../../src/protocol/entities.ts";
import { User } from "../../../src/protocol/entities.ts";
import { ServerFrame } from "../../../src/protocol/events.ts";
import { ThreadId } from "../../../src/protocol/ids.ts";

export const THREAD = ThreadId.parse("thread-1");
export const AT = "2026-11-21T08:00:00.000Z";

export const USER = User.parse({
  id: "user-1",
  email: "developer@example.com",
  name: "Developer",
  tier: "free",
  permissions: [],
  organization_id: null,
  role: "member",
  created_at: AT,
});

export const USAGE: RunUsage = {
  input_tokens: 1200,
  cached_input_tokens: 0,
  output_tokens: 34,
  reasoning_tokens: 0,
  model_calls: 2,
  cost_usd: 0.0123,
  estimated: false,
};

/** @returns the n-th credentials of a session: a new pair of tokens each time. */
export function credentials(n: number, expiresIn = 900): Credentials {
  return {
    user: USER,
    access_token: `access-${n}`,
    refresh_token: `refresh-${n}`,
    token_type: "Bearer",
    expires_in: expiresIn,
  };
}

interface ReadyData {
  readonly epoch?: string;
  readonly last_seq?: number;
  readonly replay_after?: number;
  readonly recovered?: boolean;
}

export function ready(data: ReadyData = {}): ServerFrame {
  return ServerFrame.parse({
    type: "connection_ready",
    seq: null,
    context: context(null, null),
    data: {
      protocol: "1.0",
      epoch: "epoch-1",
      last_seq: 0,
      replay_after: 0,
      recovered: true,
      live_run_id: null,
      limits: { max_frame_bytes: 1, max_message_length: 1, max_queued_runs: 1, max_replay: 1 },
      ...data,
    },
  });
}

/** The server's warning that the token of the socket runs out. */
export function tokenExpiring(): ServerFrame {
  return ServerFrame.parse({
    type: "token_expiring",
    seq: null,
    context: context(null, null),
    data: { expires_at: AT },
  });
}

/** @returns an event of the log; its run is `run-1` and its agent the supervisor. */
export function event(seq: number, type: string, data: object, agent = "supervisor"): ServerFrame {
  return ServerFrame.parse({ type, seq, context: context("run-1", agent), data });
}

export function accepted(seq: number, clientMessageId: string | null, content = "Why so slow?") {
  return event(seq, "message_accepted", {
    client_message_id: clientMessageId,
    message_id: "message-1",
    run_id: "run-1",
    content,
    replaces: null,
    queue_position: 0,
  });
}

export function started(seq: number): ServerFrame {
  const plan = ["Measure the latency"];
  const data = { agent_type: "supervisor", model: "demo", message_id: "answer-1", plan };
  return event(seq, "agent_started", data);
}

export function delta(offset: number, text: string): ServerFrame {
  return ServerFrame.parse({ type: "message_delta", message_id: "answer-1", offset, text });
}

export function completed(seq: number, response: string, data: object = {}): ServerFrame {
  return event(seq, "agent_completed", {
    status: "completed",
    message_id: "answer-1",
    final_response: response,
    results: {
      findings: [],
      grounding: { citations: [], unverified: [] },
      outcome: null,
      report: null,
    },
    usage: USAGE,
    duration_ms: 3456,
    model: "demo",
    persisted: true,
    ...data,
  });
}

export function failure(code: string, data: object = {}): ServerFrame {
  return ServerFrame.parse({
    type: "error",
    seq: null,
    context: context(null, null),
    data: { problem: problem(code), command: null, client_message_id: null, ...data },
  });
}

export function cancelAccepted(runId: string): ServerFrame {
  return ServerFrame.parse({
    type: "cancel_accepted",
    seq: null,
    context: context(runId, null),
    data: { run_id: runId, status: "queued", last_seq: null },
  });
}

export function problem(code: string, status = 400) {
  const type = `urn:apex-edge:problem:${code}`;
  return { type, title: "Refused", status, detail: `Refused: ${code}`, code };
}

/** A frame that tells of `internal`, as a newer server may say it: with a code that this side has in no schema. */
export function newer(frame: ServerFrame, code: string): ServerFrame {
  const text = JSON.stringify(frame).replaceAll('"internal"', JSON.stringify(code));
  const said: unknown = JSON.parse(text);
  if (!isServerFrame(said)) throw new Error("The client would not believe it.");
  return said;
}

export function message(id: string, seq: number, role: "user" | "assistant", content: string) {
  return {
    id,
    thread_id: THREAD,
    run_id: "run-1",
    seq,
    role,
    content,
    agent: role === "user" ? null : "supervisor",
    status: "complete",
    superseded_by: null,
    created_at: AT,
  };
}

export function thread(id: string, title: string | null) {
  return { id, title, metadata: {}, forked_from: null, created_at: AT, updated_at: AT };
}

function context(runId: string | null, agent: string | null) {
  return { user_id: "user-1", thread_id: THREAD, run_id: runId, agent, timestamp: AT };
}
