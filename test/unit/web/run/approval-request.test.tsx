/**
 * The question whether a tool call may be executed, as a person answers it.
 * @vitest-environment happy-dom
 */
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { CallId } from "../../../src/protocol/ids.ts";
import { ApprovalRequest, DecideContext } from "../../../src/web/run/approval-request.tsx";

afterEach(cleanup);

function show(decision: "approved" | "rejected" | "expired" | null) {
  const decide = vi.fn();
  const call = {
    kind: "tool",
    seq: 1,
    agent: "supervisor",
    callId: CallId.parse("call"),
    name: "publish_report",
    operation: "Sends the newest report to the webhook.",
    arguments: {},
    status: "waiting",
    approval: { expiresAt: "2026-01-02T00:00:00Z", decision },
    durationMs: null,
    results: null,
    problem: null,
  } as const;
  render(
    <DecideContext value={decide}>
      <ApprovalRequest call={call} />
    </DecideContext>,
  );
  return decide;
}

test.each([
  ["Approve", "approved"],
  ["Reject", "rejected"],
])("%s tells the server that the call is %s", (button, decision) => {
  const decide = show(null);
  fireEvent.click(screen.getByRole("button", { name: button }));
  expect(decide.mock.calls).toEqual([["call", decision]]);
});

test.each([
  ["approved", "Approved."],
  ["rejected", "Rejected: it was not executed."],
  ["expired", "Nobody decided in time: it was not executed."],
] as const)("once it was %s there is nothing to press", (decision, words) => {
  show(decision);
  screen.getByText(words);
  expect(screen.queryByRole("button")).toBe(null);
});
