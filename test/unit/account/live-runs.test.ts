/** The runs that a stretch of the feed leaves under way. */
import { describe, expect, it } from "vitest";
import { liveRuns } from "../../../src/account/live-runs.ts";
import { FeedEvent } from "../../../src/protocol/account-feed.ts";

const DATA = {
  run_started: { agent: "data", model: "demo" },
  run_ended: { status: "completed" },
  thread_updated: { title: null },
  thread_deleted: {},
};

/** @param told type, thread and run of each event. */
function left(...told: [type: keyof typeof DATA, thread: string, run?: string][]): string[] {
  const events = told.map(([type, thread_id, run_id = null], index) => {
    const context = { user_id: "user", thread_id, run_id, agent: null };
    return FeedEvent.parse({
      type,
      seq: index + 1,
      context: { ...context, timestamp: "2026-01-01T00:00:00Z" },
      data: { run_id, ...DATA[type] },
    });
  });
  return liveRuns(events).map(({ thread_id, run_id }) => `${run_id} in ${thread_id}`);
}

describe("a run is under way", () => {
  it("from its start to its end", () => {
    expect(left(["run_started", "a", "1"])).toEqual(["1 in a"]);
    expect(left(["run_started", "a", "1"], ["run_ended", "a", "1"])).toEqual([]);
  });

  it("in its own thread, whatever happens in another", () => {
    expect(
      left(
        ["run_started", "a", "1"],
        ["run_started", "b", "2"],
        ["run_ended", "b", "2"],
        ["thread_deleted", "c"],
        ["thread_updated", "a"],
      ),
    ).toEqual(["1 in a"]);
  });

  it("no more once its thread has begun another, or was deleted", () => {
    expect(left(["run_started", "a", "1"], ["run_started", "a", "2"])).toEqual(["2 in a"]);
    expect(left(["run_started", "a", "1"], ["thread_deleted", "a"])).toEqual([]);
  });

  it("no more where only its end is known", () => {
    expect(left(["run_ended", "a", "1"])).toEqual([]);
  });
});
