/** The frames of one run as doors are given them: as plain as can be, and any of them on demand. */
import type { RunFrame } from "../../../src/http/follow-run.ts";
import { LoggedEvent, type LoggedType, MessageDelta } from "../../../src/protocol/events.ts";

const USAGE = {
  input_tokens: 10,
  cached_input_tokens: 4,
  output_tokens: 5,
  reasoning_tokens: 2,
  model_calls: 1,
  cost_usd: 0,
  estimated: false,
};
const NOTHING_FOUND = {
  findings: [],
  grounding: { citations: [], unverified: [] },
  outcome: null,
  report: null,
};

/** @returns an event of the run. */
export function event(type: LoggedType, data: object, seq = 2): RunFrame {
  const context = {
    user_id: "user",
    thread_id: "thread",
    run_id: "thread.1",
    agent: "supervisor",
    timestamp: "2026-11-21T00:00:00.000Z",
  };
  return LoggedEvent.parse({ type, seq, context, data });
}

export const delta = (offset: number, text: string): RunFrame =>
  MessageDelta.parse({ type: "message_delta", message_id: "answer", offset, text });

export const thought = (seq: number): RunFrame =>
  event("agent_thinking", { reasoning: "A thought. ".repeat(6), source: "loop" }, seq);

export const executing = (call_id: string, seq = 3): RunFrame =>
  event(
    "tool_executing",
    { call_id, tool_name: "usage_summary", operation: "Sums up what was used.", arguments: {} },
    seq,
  );

export const completedTool = (call_id: string, status = "succeeded", seq = 4): RunFrame =>
  event(
    "tool_completed",
    { call_id, tool_name: "usage_summary", status, duration_ms: 1, results: { n: 1 } },
    seq,
  );

export const completed = (final_response: string, more: object = {}): RunFrame =>
  event(
    "agent_completed",
    {
      status: "completed",
      message_id: "answer",
      final_response,
      results: NOTHING_FOUND,
      usage: USAGE,
      duration_ms: 1,
      model: "demo",
      persisted: true,
      ...more,
    },
    9,
  );

export const CALLER_CALL = {
  call_id: "call-1",
  name: "get_weather",
  arguments: '{"city":"Paris"}',
};
