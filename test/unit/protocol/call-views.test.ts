/** Tool calls in a run's timeline: one entry each, from the question about it to its end. */
import { describe, expect, test } from "vitest";
import { LoggedEvent } from "../../../src/protocol/events.ts";
import type { ThreadView } from "../../../src/protocol/thread-view.ts";
import { fold } from "./logs.ts";

const context = {
  user_id: "user",
  thread_id: "thread",
  run_id: "thread.1",
  agent: "supervisor",
  timestamp: "2026-01-01T00:00:00Z",
};
const opened = {
  call_id: "call",
  tool_name: "publish_report",
  operation: "Sends the newest report to the webhook.",
  arguments: {},
};
const requested = ["approval_requested", { ...opened, expires_at: "2026-01-02T00:00:00Z" }];
const decided = (decision: string, by = "user") => [
  "approval_decided",
  { call_id: "call", decision, by },
];
const executing = ["tool_executing", opened];
const completed = (status: string) => [
  "tool_completed",
  { call_id: "call", tool_name: "publish_report", status, duration_ms: 1 },
];

/** @returns the view after events of one run. */
function viewAfter(...events: readonly (readonly unknown[])[]): ThreadView {
  return fold(
    events.map(([type, data], index) => LoggedEvent.parse({ type, seq: index + 1, context, data })),
  );
}

function callsOf(view: ThreadView) {
  return Object.values(view.runs).flatMap(({ timeline }) =>
    timeline.filter((entry) => entry.kind === "tool"),
  );
}

describe("a call that waits for a person", () => {
  test("is shown as waiting, with its time", () => {
    expect(callsOf(viewAfter(requested))).toMatchObject([
      { status: "waiting", approval: { expiresAt: "2026-01-02T00:00:00Z", decision: null } },
    ]);
  });

  test("is the same entry when it was approved, is executed and has ended", () => {
    const approved = [requested, decided("approved")];
    expect(callsOf(viewAfter(...approved))).toMatchObject([
      { seq: 1, status: "waiting", approval: { decision: "approved" } },
    ]);
    expect(callsOf(viewAfter(...approved, executing))).toMatchObject([
      { seq: 1, status: "executing" },
    ]);
    expect(callsOf(viewAfter(...approved, executing, completed("succeeded")))).toMatchObject([
      { seq: 1, status: "succeeded", durationMs: 1 },
    ]);
  });

  test.each([
    ["rejected", "user", "cancelled"],
    ["expired", "clock", "failed"],
  ])("is closed when it was %s", (decision, by, status) => {
    expect(callsOf(viewAfter(requested, decided(decision, by), completed(status)))).toMatchObject([
      { status, approval: { decision } },
    ]);
  });

  test("is shown from where the view begins, though the question was missed", () => {
    expect(callsOf(viewAfter(executing))).toMatchObject([{ status: "executing" }]);
    expect(callsOf(viewAfter(decided("approved"), completed("succeeded")))).toEqual([]);
  });
});
