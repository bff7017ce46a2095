/** What the bench says of triage is read from the log alone. */
import { expect, test } from "vitest";
import { triageTimeOf } from "../../../bench/tools/triage-time.ts";
import { LoggedEvent } from "../../../src/protocol/events.ts";

/** An event of a run, so many milliseconds after its begin. */
function event(type: string, ms: number, agent: string, data: object) {
  const timestamp = new Date(Date.UTC(2026, 10, 22) + ms).toISOString();
  const context = {
    user_id: "user-1",
    thread_id: "thread-1",
    run_id: "thread-1.1",
    agent,
    timestamp,
  };
  return LoggedEvent.parse({ type, seq: ms + 1, context, data });
}

const started = event("agent_started", 0, "supervisor", {
  agent_type: "supervisor",
  message_id: "message-1",
  model: "demo",
  plan: ["Read it"],
});
const handoff = (ms: number, from: string, to: string) =>
  event("handoff", ms, from, { from, to, reason: "It is its turn.", findings: [] });
const called = (ms: number, agent: string, duration_ms: number) =>
  event("tool_completed", ms, agent, {
    call_id: `call-${ms}`,
    tool_name: "usage_summary",
    status: "succeeded",
    duration_ms,
    results: {},
  });

test("is from the run's begin to the end of triage, and of it what its own tools took", () => {
  const events = [
    started,
    handoff(5, "supervisor", "triage"),
    called(300, "triage", 250),
    handoff(320, "triage", "supervisor"),
    handoff(325, "supervisor", "data"),
    called(900, "data", 500),
    handoff(950, "data", "supervisor"),
  ];
  expect(triageTimeOf(events)).toEqual({ ms: 320, inTools: 250 });
});

test("is nothing where triage did not come to its end", () => {
  expect(triageTimeOf([started, handoff(5, "supervisor", "triage")])).toBeNull();
  expect(triageTimeOf([])).toBeNull();
});
