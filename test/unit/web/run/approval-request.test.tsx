/**
 * The question whether a tool call may be executed, as a person answers it.
 * @vitest-environment happy-dom
 */
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { CallId } from "../../../../src/protocol/ids.ts";
import {
  ApprovalRequest,
  DecideContext,
  DecidedApproval,
} from "../../../../src/web/run/approval-request.tsx";

afterEach(cleanup);

const IN_A_DAY = new Date(Date.now() + 24 * 3_600_000).toISOString();

function callWith(decision: "approved" | "rejected" | "expired" | null) {
  return {
    kind: "tool",
    seq: 1,
    at: "2026-01-01T00:00:00Z",
    agent: "supervisor",
    callId: CallId.parse("call"),
    name: "publish_report",
    operation: "Sends the newest report to the webhook.",
    arguments: { url: "https://hooks.example.com", days: 30 },
    status: "waiting",
    approval: { expiresAt: IN_A_DAY, decision },
    durationMs: null,
    results: null,
    problem: null,
  } as const;
}

function ask(decide: ((...said: unknown[]) => void) | null) {
  return render(
    <DecideContext value={decide}>
      <ApprovalRequest call={callWith(null)} />
    </DecideContext>,
  );
}

test("says what would happen, with what, who asks, and until when", () => {
  ask(vi.fn());
  const question = screen.getByRole("group", { name: "Allow publish_report?" });
  for (const told of [
    "Sends the newest report to the webhook.",
    "With urlhttps://hooks.example.com",
    "With days30",
    "Who asksSupervisor",
    "in 24 hours",
  ]) {
    expect(question.textContent).toContain(told);
  }
  expect(screen.getByRole("alert").textContent).toBe("This waits for you");
});

test.each([
  ["Approve", "approved"],
  ["Reject", "rejected"],
])("%s tells the server, once, that the call is %s", (button, decision) => {
  const decide = vi.fn();
  ask(decide);
  fireEvent.click(screen.getByRole("button", { name: button }));
  expect(decide.mock.calls).toEqual([["call", decision]]);
  for (const each of screen.getAllByRole("button")) expect(each).toHaveProperty("disabled", true);
});

test("where nobody listens there is nothing to press", () => {
  ask(null);
  expect(screen.queryByRole("button")).toBeNull();
});

test.each([
  ["approved", "Approved."],
  ["rejected", "Rejected: it was not executed."],
  ["expired", /^Nobody decided in time: it was not executed\./],
] as const)("once it was %s the question is gone, and its answer stands", (decision, words) => {
  const call = callWith(decision);
  render(
    <>
      <ApprovalRequest call={call} />
      <DecidedApproval call={call} />
    </>,
  );
  screen.getByText(words);
  expect(screen.queryByRole("group")).toBeNull();
});
