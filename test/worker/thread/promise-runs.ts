/** What a run promises: its turn, its events complete and once each, an end that what happened allows. */
import { expect } from "vitest";
import { z } from "zod";
import {
  type Cancelled,
  cancelledByMessages,
  type Event,
  type Journal,
  only,
} from "./promise-reference.ts";
import type { PromiseWorld } from "./promise-world.ts";

/** Deaths at one step that end a run, and model turns that do. */
const TOO_MANY = { deaths: 3, turns: 8 };

const Arguments = z.object({ word: z.string() });

/** Runs begin and end one after the other, in the order of their messages; each that ended is whole. */
export function expectEndedRuns(journal: Journal, world: PromiseWorld): void {
  const turns = journal.flatMap(({ type, context }) =>
    type === "agent_started" || type === "agent_completed" ? [[type, context.run_id]] : [],
  );
  const accepted = only(journal, "message_accepted");
  const inOrder = accepted.flatMap(({ data }) => [
    ["agent_started", data.run_id],
    ["agent_completed", data.run_id],
  ]);
  expect(turns).toEqual(inOrder.slice(0, turns.length));
  const ended = new Set(only(journal, "agent_completed").map(({ context }) => context.run_id));
  const cancelled = cancelledByMessages(journal, world.sent);
  for (const message of accepted) {
    if (ended.has(message.data.run_id)) expectWhole(message, journal, world, cancelled);
  }
}

function expectWhole(
  { data: { run_id, content } }: Event<"message_accepted">,
  journal: Journal,
  world: PromiseWorld,
  cancelled: Cancelled,
): void {
  const events = journal.filter(({ context }) => context.run_id === run_id);
  const [first, second, ...rest] = events.map(({ type }) => type);
  expect([first, second, rest.at(-1)]).toEqual([
    "message_accepted",
    "agent_started",
    "agent_completed",
  ]);
  const thoughts = only(events, "agent_thinking").map(({ data }) => data.reasoning.length);
  expect(thoughts.length).toBeGreaterThanOrEqual(2);
  expect(Math.min(...thoughts)).toBeGreaterThanOrEqual(50);
  expectCalls(events, world);

  const [end] = only(events, "agent_completed");
  const turns = world.hand.turns(content);
  const mayFail =
    world.deaths >= TOO_MANY.deaths ||
    turns.length >= TOO_MANY.turns ||
    turns.some((turn) => turn.end === "failed" || turn.text === "");
  if (world.neverStarted.has(run_id) || cancelled.neverStarted.has(run_id)) {
    expect(end?.data.status).toBe("cancelled");
    expect(turns, "turns of a run that was cancelled before it began").toEqual([]);
  }
  if (end?.data.status === "failed") expect(mayFail, end.data.problem?.detail).toBe(true);
  if (end?.data.status === "cancelled") {
    expect([...world.unwanted, ...cancelled.unwanted]).toContain(run_id);
  }
  expectWords(end?.data.final_response ?? "", turns, end?.data.status === "completed");
}

/** Each call that was announced came to its end, once; one with effects had them where it says so. */
function expectCalls(events: Journal, { tools }: PromiseWorld): void {
  const calls = only(events, "tool_executing");
  const ends = only(events, "tool_completed");
  const ids = calls.map(({ data }) => data.call_id);
  expect(ends.map(({ data }) => data.call_id)).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [index, { data }] of calls.entries()) {
    const status = ends[index]?.data.status;
    if (data.tool_name !== tools.names.acts) continue;
    const { word } = Arguments.parse(data.arguments);
    if (status === "succeeded") expect(tools.effects).toContain(word);
  }
}

/** The answer is what turns of the model wrote, in their order; only its last part may be cut off. */
export function expectWords(
  answer: string,
  turns: readonly { readonly text: string }[],
  whole: boolean,
): void {
  const parts = answer === "" ? [] : answer.split("\n\n");
  let from = 0;
  for (const [index, part] of parts.entries()) {
    const cut = !whole && index === parts.length - 1;
    const fits = ({ text }: { readonly text: string }) =>
      cut ? text.startsWith(part) : text === part;
    const found = turns.slice(from).findIndex(fits);
    expect(found, `"${part}" among ${JSON.stringify(turns)}`).toBeGreaterThanOrEqual(0);
    from += found + 1;
  }
}
