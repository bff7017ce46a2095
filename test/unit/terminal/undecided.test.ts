/** Which tool call /approve and /reject are about. */
import { expect, test } from "vitest";
import { CallId, RunId } from "../../../src/protocol/ids.ts";
import {
  EMPTY_THREAD,
  type ThreadView,
  type TimelineEntry,
} from "../../../src/protocol/thread-view.ts";
import { Undecided } from "../../../src/terminal/undecided.ts";

function call(id: string, decision: "approved" | null = null): TimelineEntry {
  return {
    kind: "tool",
    seq: 1,
    at: "2026-01-01T00:00:00Z",
    agent: "supervisor",
    callId: CallId.parse(id),
    name: "publish_report",
    operation: "Sends the newest report to the webhook.",
    arguments: {},
    status: "waiting",
    approval: { expiresAt: "2026-01-02T00:00:00Z", decision },
    durationMs: null,
    results: null,
    problem: null,
  };
}

function viewOf(status: "running" | "cancelled", ...timeline: TimelineEntry[]): ThreadView {
  const run = {
    id: RunId.parse("thread.1"),
    status,
    agent: "supervisor",
    model: "demo",
    startedAt: null,
    plan: [],
    timeline,
    findings: [],
    usage: null,
    durationMs: null,
    problem: null,
    grounding: null,
    outcome: null,
    report: null,
  };
  return { ...EMPTY_THREAD, runs: { [run.id]: run } };
}

test("the oldest call that nobody decided about is next, and each is taken once", () => {
  const undecided = new Undecided();
  const view = viewOf("running", call("done", "approved"), call("first"), call("second"));
  expect(undecided.isAny(view)).toBe(true);
  expect(undecided.take(view)).toBe("first");
  expect(undecided.take(view)).toBe("second");
  expect(undecided.take(view)).toBe(null);
  expect(undecided.isAny(view)).toBe(false);
});

test("a call of a run that has ended waits for nobody", () => {
  expect(new Undecided().isAny(viewOf("cancelled", call("first")))).toBe(false);
});
