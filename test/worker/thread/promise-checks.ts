/** What a thread promises, checked against what was sent, heard, written and saved. */
import { expect } from "vitest";
import type { LoggedEvent, LoggedType, ServerFrame } from "../../../src/protocol/events.ts";
import { MESSAGE_STATUS } from "../../../src/protocol/projection.ts";
import { eventually } from "./client.ts";
import type { PromiseWorld } from "./promise-world.ts";
import { savedMessages, savedRuns, stateOf } from "./thread-state.ts";

type Event<Type extends LoggedType> = Extract<LoggedEvent, { type: Type }>;
type Journal = readonly LoggedEvent[];

/** Deaths at one step that end a run, and model turns that do. */
const TOO_MANY = { deaths: 3, turns: 8 };

/** Whoever heard that an answer is saved finds it saved, there and then. */
export async function expectTruth({ people, thread }: PromiseWorld): Promise<void> {
  const promised = people.flatMap(({ frames }) => only(frames, "agent_completed")).filter(isSaved);
  if (promised.length === 0) return;
  const saved = await savedMessages(thread);
  for (const { data } of promised) expect(saved).toContainEqual(answerIn(data));
}

/** All that holds once nothing is left to do. */
export async function expectPromises(world: PromiseWorld): Promise<void> {
  const { thread, people } = world;
  for (const person of people) await person.connect();
  await expectOneRunEach(world);
  const { journal } = await stateOf(thread);
  await eventually(async () => {
    for (const person of people) expect(person.view.lastSeq).toBe(journal.length);
  });
  for (const person of people) person.check(journal);
  expect(journal.map(({ seq }) => seq)).toEqual(journal.map((_, index) => index + 1));
  expectRunsInOrder(journal);
  for (const accepted of only(journal, "message_accepted")) expectWhole(accepted, journal, world);
  await expectHistory(world, journal);
  await expectTruth(world);
  await eventually(async () => {
    expect(await stateOf(thread)).toMatchObject({ unfinished: [], outbox: 0, alarm: null });
  });
}

/** Each id made one run; whoever repeats it gets that run, and whoever contradicts it is refused. */
async function expectOneRunEach(world: PromiseWorld): Promise<void> {
  const [person] = world.people;
  const accepted = only((await stateOf(world.thread)).journal, "message_accepted");
  const ids = accepted.flatMap(({ data }) => data.client_message_id ?? []);
  expect(new Set(ids).size, "a run for each id").toBe(ids.length);
  expect(new Set(accepted.map(({ data }) => data.content)).size).toBe(accepted.length);
  for (const { key, content } of world.sent) {
    const made = accepted.find(({ data }) => key !== null && data.client_message_id === key);
    if (made === undefined || person?.client == null) continue;
    if (made.data.content === content) {
      expect(await person.client.say(content, { client_message_id: key })).toEqual(made.data);
      person.said();
    } else {
      const command = { type: "user_message", content, client_message_id: key };
      expect((await person.client.refused(command)).problem.code).toBe("idempotency_conflict");
    }
  }
  for (const { key, content, answer } of world.posted) {
    if ("runId" in answer) {
      const made = accepted.find(({ data }) => data.run_id === answer.runId);
      expect(made?.data).toMatchObject({ content, ...(key && { client_message_id: key }) });
    } else if (answer.refused === 409) {
      const made = accepted.find(({ data }) => data.client_message_id === key);
      expect(made?.data.content).not.toBe(content);
    }
  }
}

function expectRunsInOrder(journal: Journal): void {
  const turns = journal.flatMap(({ type, context }) =>
    type === "agent_started" || type === "agent_completed" ? [[type, context.run_id]] : [],
  );
  expect(turns).toEqual(
    only(journal, "message_accepted").flatMap(({ data }) => [
      ["agent_started", data.run_id],
      ["agent_completed", data.run_id],
    ]),
  );
}

/** The run's events are complete, and its end is one that what happened allows. */
function expectWhole(
  { data: { run_id, content } }: Event<"message_accepted">,
  journal: Journal,
  world: PromiseWorld,
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
  const calls = only(events, "tool_executing").map(({ data }) => data.call_id);
  expect(only(events, "tool_completed").map(({ data }) => data.call_id)).toEqual(calls);
  expect(new Set(calls).size).toBe(calls.length);

  const [end] = only(events, "agent_completed");
  const turns = world.hand.turns(content);
  const mayFail =
    world.deaths >= TOO_MANY.deaths ||
    turns.length >= TOO_MANY.turns ||
    turns.some((turn) => turn.end === "failed" || turn.text === "");
  if (world.neverStarted.has(run_id)) expect(end?.data.status).toBe("cancelled");
  if (end?.data.status === "failed") expect(mayFail, end.data.problem?.detail).toBe(true);
  if (end?.data.status === "cancelled") expect(world.unwanted).toContain(run_id);
  expectWords(end?.data.final_response ?? "", turns, end?.data.status === "completed");
}

/** The answer is what turns of the model wrote, in their order; only its last part may be cut off. */
function expectWords(
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

/** D1 has each message and each run once, as the journal tells of them. */
async function expectHistory({ thread }: PromiseWorld, journal: Journal): Promise<void> {
  const ends = only(journal, "agent_completed");
  const told = journal.flatMap((event): object[] => {
    if (event.type === "message_accepted") {
      const { message_id: id, run_id, content } = event.data;
      return [{ id, run_id, seq: event.seq, role: "user", content, status: "complete" }];
    }
    if (event.type !== "agent_started") return [];
    const { run_id } = event.context;
    const end = ends.find(({ context }) => context.run_id === run_id);
    const status = end && MESSAGE_STATUS[end.data.status];
    const content = end?.data.final_response;
    const id = event.data.message_id;
    return [{ id, run_id, seq: event.seq, role: "assistant", content, status }];
  });
  expect(await savedMessages(thread)).toEqual(told);
  const runs = ends.map(({ context, data }) => ({ id: context.run_id, status: data.status }));
  expect(await savedRuns(thread)).toEqual(runs.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
}

function answerIn(data: Event<"agent_completed">["data"]): object {
  const { message_id: id, final_response: content, status } = data;
  return expect.objectContaining({ id, content, status: MESSAGE_STATUS[status] });
}

function isSaved({ data }: Event<"agent_completed">): boolean {
  return data.persisted;
}

function only<Type extends LoggedType>(frames: readonly ServerFrame[], type: Type) {
  return frames.filter((frame): frame is Event<Type> => frame.type === type);
}
