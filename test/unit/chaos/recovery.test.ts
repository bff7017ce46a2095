/** The chaos bench's recovery time: whose it is, and from when it counts. */
import { expect, test } from "vitest";
import { recoveriesOf } from "../../../bench/chaos/recovery.ts";
import { LoggedEvent } from "../../../src/protocol/events.ts";

const START = Date.parse("2026-01-01T00:00:00Z");

/** A run that begins at once and is heard of after these times again, in milliseconds. */
function run(id: string, ...heardAt: readonly number[]): LoggedEvent[] {
  const event = (type: string, at: number, data: object) =>
    LoggedEvent.parse({
      type,
      seq: at + 1,
      context: {
        user_id: "ada",
        thread_id: "costs",
        run_id: id,
        agent: "supervisor",
        timestamp: new Date(START + at).toISOString(),
      },
      data,
    });
  const thought = {
    reasoning: "A sentence of fifty characters or more that says why.",
    source: "loop",
  };
  return [
    event("agent_started", 0, { agent_type: "supervisor", model: "m", message_id: "m", plan: [] }),
    ...heardAt.map((at) => event("agent_thinking", at, thought)),
  ];
}

const outage = (killedAt: number, readyAt: number) => ({
  killedAt: START + killedAt,
  readyAt: START + readyAt,
});

test("a run that a kill cut off is timed from the kill, and from the product's answering again", () => {
  expect(recoveriesOf([run("a", 50, 350)], [outage(100, 300)])).toEqual({
    afterReady: [50],
    afterFirst: [0],
    afterKill: [250],
    killedAgain: 0,
  });
});

test("a run that is heard of before the product answers has not kept anybody waiting", () => {
  const { afterReady, afterKill } = recoveriesOf([run("a", 250)], [outage(100, 300)]);
  expect([afterReady, afterKill]).toEqual([[0], [150]]);
});

test("a run that was over before the kill, or never heard of again, is not timed", () => {
  expect(recoveriesOf([run("a", 50), run("b")], [outage(100, 300)]).afterKill).toEqual([]);
});

test("a run that is killed again before it is heard of counts for the last kill alone", () => {
  const outages = [outage(100, 300), outage(320, 500)];
  expect(recoveriesOf([run("a", 600)], outages)).toEqual({
    afterReady: [100],
    afterFirst: [0],
    afterKill: [280],
    killedAgain: 1,
  });
});

test("of several runs each is timed from the first that was heard of, too", () => {
  const runs = [run("a", 350), run("b", 420)];
  expect(recoveriesOf(runs, [outage(100, 300)]).afterFirst).toEqual([0, 70]);
});
