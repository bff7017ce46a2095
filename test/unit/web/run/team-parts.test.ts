/** A run's timeline by who did what. */
import { describe, expect, test } from "vitest";
import { partsOf, waitingCalls } from "../../../../src/web/run/team-parts.ts";
import * as frames from "../../client/frames.ts";
import { fallback, handoff, runOf, toolCall, toolEnd } from "./run-view.ts";

function statesOf(...said: Parameters<typeof runOf>) {
  return partsOf(runOf(...said)).map(({ agent, state }) => `${agent} ${state}`);
}

describe("the parts of a run", () => {
  test("are one alone where nothing was handed on", () => {
    const [only, ...others] = partsOf(runOf(toolCall(3), toolEnd(4, { status: "succeeded" })));
    expect(only).toMatchObject({ agent: "supervisor", state: "working" });
    expect(only?.entries).toHaveLength(1);
    expect(others).toEqual([]);
  });

  test("come in the order they were given work, each with its own steps, side by side or not", () => {
    const parts = partsOf(
      runOf(
        handoff(3, "supervisor", "data"),
        handoff(4, "supervisor", "data-helper"),
        toolCall(5, "data"),
        toolEnd(6, { status: "succeeded" }, "data"),
        handoff(7, "data-helper", "supervisor"),
      ),
    );
    expect(parts.map(({ agent, entries }) => [agent, entries.map(({ seq }) => seq)])).toEqual([
      ["supervisor", [3, 4]],
      ["data", [5]],
      ["data-helper", [7]],
    ]);
    expect(parts.map(({ state }) => state)).toEqual(["working", "working", "done"]);
  });

  test("say how long they had their work", () => {
    const run = runOf(handoff(3, "supervisor", "data"), handoff(4, "data", "supervisor"));
    const timeline = run.timeline.map((entry, index) =>
      index === 0 ? entry : { ...entry, at: "2026-11-21T08:00:04.500Z" },
    );
    const [, data] = partsOf({ ...run, timeline });
    expect(data).toMatchObject({ since: frames.AT, durationMs: 4_500 });
  });

  test("say of one that came to no result that it did, and of one cut off that it stopped", () => {
    const reason = "The data agent came to no result: it gave none";
    expect(
      statesOf(
        handoff(3, "supervisor", "data"),
        fallback(4, { part: "agent", reason }),
        handoff(5, "data", "supervisor", reason),
        handoff(6, "supervisor", "reporting"),
        frames.completed(7, "", { status: "cancelled" }),
      ),
    ).toEqual(["supervisor stopped", "data failed", "reporting stopped"]);
  });
});

describe("what waits for a person", () => {
  const request = frames.event(3, "approval_requested", {
    call_id: "call-1",
    tool_name: "publish_report",
    operation: "Sends the newest report to the webhook.",
    arguments: {},
    expires_at: "2026-11-22T00:00:00Z",
  });

  test("is a call that nobody has decided about, as long as its run is live", () => {
    expect(waitingCalls(runOf(request)).map(({ callId }) => callId)).toEqual(["call-1"]);
    const decided = { call_id: "call-1", decision: "approved", by: "user" };
    expect(waitingCalls(runOf(request, frames.event(4, "approval_decided", decided)))).toEqual([]);
    const stopped = frames.completed(4, "", { status: "cancelled" });
    expect(waitingCalls(runOf(request, stopped))).toEqual([]);
  });
});
