/** The rules that every run keeps, whatever becomes of it: its five events, their order and their content. */
import { expect } from "vitest";
import type { LoggedEvent, ServerFrame } from "../../src/protocol/events.ts";
import { isLogged } from "../../src/protocol/frames.ts";
import type { RunId } from "../../src/protocol/ids.ts";
import { applyDelta } from "../../src/protocol/projection.ts";
import type { Person } from "./person.ts";
import { eventsOfRun } from "./recording.ts";

type EventOf<Type extends LoggedEvent["type"]> = Extract<LoggedEvent, { type: Type }>;

/** @returns the run's events, sorted by kind, once they have kept the rules. */
export function expectRules(frames: readonly ServerFrame[], runId: RunId, person: Person) {
  const events = eventsOfRun(frames, runId);
  const [first] = events;
  const last = events.at(-1);
  expectContext(events, runId, person);
  expect(events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq).toSorted(ascending));

  const started = ofType(events, "agent_started");
  expect(started).toEqual([first]);
  const completed = ofType(events, "agent_completed");
  expect(completed).toEqual([last]);
  const [end] = completed;
  if (!end) throw new Error("The run has no end.");

  const thoughts = ofType(events, "agent_thinking").map(({ data }) => data.reasoning);
  expect(thoughts.length).toBeGreaterThanOrEqual(2);
  for (const thought of thoughts) expect(thought.trim().length).toBeGreaterThanOrEqual(50);
  expect(new Set(thoughts).size, "each thought is said once").toBe(thoughts.length);
  expect(thoughts.join(" ")).toMatch(/cost|latency|tokens?|model/i);

  return { started: started[0], thoughts, calls: expectCallsClosed(events), end };
}

/** Each piece was there when its moment came: folded together, the pieces are the answer. */
export function expectDeltasToMake(text: string, frames: readonly ServerFrame[], runId: RunId) {
  const end = ofType(eventsOfRun(frames, runId), "agent_completed")[0];
  const folded = frames.reduce(
    (sofar, frame) =>
      frame.type === "message_delta" && frame.message_id === end?.data.message_id
        ? applyDelta(sofar, frame)
        : sofar,
    "",
  );
  expect(folded).toBe(text);
}

/** Every event of the log is there once, and none is missing. */
export function expectGapless(frames: readonly ServerFrame[], after = 0): void {
  const seqs = frames.filter(isLogged).map(({ seq }) => seq);
  expect(seqs).toEqual(Array.from(seqs, (_, index) => after + index + 1));
}

export function ofType<Type extends LoggedEvent["type"]>(
  events: readonly LoggedEvent[],
  type: Type,
): EventOf<Type>[] {
  return events.filter((event): event is EventOf<Type> => event.type === type);
}

function expectContext(events: readonly LoggedEvent[], runId: RunId, person: Person): void {
  const threads = new Set(events.map(({ context }) => context.thread_id));
  expect(threads.size, "one thread").toBe(1);
  for (const { context } of events) {
    expect(context).toMatchObject({ user_id: person.credentials.user.id, run_id: runId });
  }
  const times = events.map(({ context }) => Date.parse(context.timestamp));
  expect(times).toEqual(times.toSorted(ascending));
}

function expectCallsClosed(events: readonly LoggedEvent[]) {
  const opened = ofType(events, "tool_executing");
  const closed = ofType(events, "tool_completed");
  expect(closed.map(({ data }) => data.call_id)).toEqual(opened.map(({ data }) => data.call_id));
  return opened.map((call, index) => {
    const outcome = closed[index];
    if (!outcome) throw new Error("A call was never closed.");
    expect(call.data.operation.length).toBeGreaterThanOrEqual(20);
    expect(outcome.seq).toBeGreaterThan(call.seq);
    expect(outcome.data.tool_name).toBe(call.data.tool_name);
    if (outcome.data.status === "succeeded") expect(outcome.data.results).toBeInstanceOf(Object);
    else expect(outcome.data.problem?.detail).toBeTruthy();
    return { ...call.data, ...outcome.data };
  });
}

function ascending(one: number, other: number): number {
  return one - other;
}
