/** What a thread promises at any moment, and in the end, checked against what was sent, heard, written and saved. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { MESSAGE_STATUS, project } from "../../../src/protocol/projection.ts";
import { EMPTY_THREAD } from "../../../src/protocol/thread-view.ts";
import { Client, eventually } from "./client.ts";
import { type Journal, only, supersededBy } from "./promise-reference.ts";
import { expectEndedRuns, expectWords } from "./promise-runs.ts";
import type { PromiseWorld } from "./promise-world.ts";
import { savedMessages, savedRuns, stateOf } from "./thread-state.ts";

/** What needs nobody's answer: it holds while the object is dead as well, and wakes nobody. */
export async function expectTruth(world: PromiseWorld): Promise<void> {
  for (const person of world.people) person.check();
  expectHonestText(world);
  const { effects } = world.tools;
  expect(new Set(effects).size, "effects, each once").toBe(effects.length);
  await expectSaved(world);
}

/** All that holds after each step, whatever is under way. */
export async function expectSoFar(world: PromiseWorld): Promise<void> {
  await expectTruth(world);
  const { journal } = await stateOf(world.thread);
  expect(journal.map(({ seq }) => seq)).toEqual(journal.map((_, index) => index + 1));
  for (const person of world.people) person.check(journal);
  expectAdmitted(journal, world);
  expectEndedRuns(journal, world);
  await expectList(journal, world);
}

/** All that holds once nothing is left to do, before anything that D1 refused is sent again. */
export async function expectPromises(world: PromiseWorld): Promise<void> {
  const { thread, people } = world;
  if (people[0]?.client === null) people[0].disconnect();
  for (const person of people) await person.connect();
  await expectOneRunEach(world);
  const { journal } = await stateOf(thread);
  await eventually(async () => {
    for (const person of people) expect(person.view.lastSeq).toBe(journal.length);
  });
  await expectSoFar(world);
  expect(only(journal, "agent_completed")).toHaveLength(only(journal, "message_accepted").length);
  await world.replay();
  await expectHistory(world, journal);
  await expectList(journal, world);
}

/** All that holds once a thread is deleted, and its alarms have rung. */
export async function expectGone({ thread, people }: PromiseWorld): Promise<void> {
  for (const { line } of people) {
    if (line instanceof Client) expect(await line.closed).toBe(4404);
    else await line?.ended;
  }
  for (const path of ["", "/messages"]) expect((await thread.ask(path)).status).toBe(404);
  expect(await thread.alarm()).toBe(false);
  const left = await env.DB.prepare(
    `SELECT id FROM threads WHERE id = ?1 UNION ALL SELECT id FROM runs WHERE thread_id = ?1
     UNION ALL SELECT id FROM messages WHERE thread_id = ?1`,
  )
    .bind(thread.threadId)
    .all();
  expect(left.results).toEqual([]);
}

/** Nobody was ever shown, as an answer being written, what the model did not write. */
function expectHonestText({ people, hand }: PromiseWorld): void {
  for (const { view } of people) {
    for (const { runId, role, status, text } of view.messages) {
      if (role !== "assistant" || status !== "streaming") continue;
      const question = view.messages.find((each) => each.runId === runId && each.role === "user");
      expectWords(text, hand.drafts(question?.text ?? ""), false);
    }
  }
}

/** Whoever heard that an answer is saved finds it saved, there and then. */
async function expectSaved({ people, thread }: PromiseWorld): Promise<void> {
  const promised = people
    .flatMap(({ frames }) => only(frames, "agent_completed"))
    .filter(({ data }) => data.persisted);
  if (promised.length === 0) return;
  const saved = await savedMessages(thread);
  for (const { data } of promised) {
    const { message_id: id, final_response: content, status } = data;
    const answer = { id, content, status: MESSAGE_STATUS[status] };
    expect(saved).toContainEqual(expect.objectContaining(answer));
  }
}

/** What was accepted was said, as its sender wanted it, and behind as many runs as it was told. */
function expectAdmitted(journal: Journal, { sent }: PromiseWorld): void {
  for (const { seq, data } of only(journal, "message_accepted")) {
    const meant = sent.filter(
      ({ content, key, replaces }) =>
        content === data.content &&
        (key === null || key === data.client_message_id) &&
        replaces === (data.replaces?.message_id ?? null),
    );
    expect(meant, "who sent the message").not.toEqual([]);
    const before = journal.filter((event) => event.seq < seq);
    const waiting =
      only(before, "message_accepted").length - only(before, "agent_completed").length;
    expect(data.queue_position).toBe(waiting);
    if (meant.every(({ queueing }) => queueing === "reject")) expect(waiting).toBe(0);
  }
}

/** The list of messages is the fold of the log, but for the text of an answer being written. */
async function expectList(journal: Journal, { thread, hand }: PromiseWorld): Promise<void> {
  const list = await thread.messages();
  // What happened meanwhile is compared after the next step.
  if ((await stateOf(thread)).journal.length !== journal.length) return;
  const told = journal.reduce(project, EMPTY_THREAD).messages;
  expect(list.map(({ id, seq, role }) => ({ id, seq, role }))).toEqual(
    told.map(({ id, seq, role }) => ({ id, seq, role })),
  );
  for (const [index, { runId, text, status }] of told.entries()) {
    const listed = list[index];
    if (status !== "streaming") {
      expect(listed).toMatchObject({ content: text, status });
    } else {
      const question = told.find((each) => each.runId === runId && each.role === "user");
      expectWords(listed?.content ?? "", hand.drafts(question?.text ?? ""), false);
    }
  }
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
    if (!("runId" in answer)) continue;
    const made = accepted.find(({ data }) => data.run_id === answer.runId);
    expect(made?.data).toMatchObject({ content, ...(key && { client_message_id: key }) });
  }
}

/** D1 has each message and each run once, as the journal tells of them, the superseded marked. */
async function expectHistory({ thread }: PromiseWorld, journal: Journal): Promise<void> {
  const ends = only(journal, "agent_completed");
  const superseded = supersededBy(journal);
  const told = journal.flatMap((event): object[] => {
    const { run_id } = event.context;
    const superseded_by = superseded.get(run_id ?? "") ?? null;
    if (event.type === "message_accepted") {
      const { message_id: id, content } = event.data;
      const status = "complete";
      return [{ id, run_id, seq: event.seq, role: "user", content, status, superseded_by }];
    }
    if (event.type !== "agent_started") return [];
    const end = ends.find(({ context }) => context.run_id === run_id);
    const status = end && MESSAGE_STATUS[end.data.status];
    const content = end?.data.final_response;
    const id = event.data.message_id;
    return [{ id, run_id, seq: event.seq, role: "assistant", content, status, superseded_by }];
  });
  expect(await savedMessages(thread)).toEqual(told);
  const runs = ends.map(({ context, data }) => ({ id: context.run_id, status: data.status }));
  expect(await savedRuns(thread)).toEqual(runs.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
}
