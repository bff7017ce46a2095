/** What a turn costs in rows written, the object and D1 together: the same, however many pieces it comes in. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, type HeldTurn, holdModel } from "./held-model.ts";
import { countRows, type RowsWritten } from "./row-count.ts";
import { stateOf } from "./thread-state.ts";

/** Pieces of text in the turn. */
const DELTAS = 250;
/** Longer than what a turn writes stays unsaved, in milliseconds. */
const A_MOMENT = 6_000;

let model: HeldModel;
beforeEach(async () => {
  model = await holdModel();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Writes the turn's pieces, and ends it. */
async function writeAll(turn: HeldTurn): Promise<void> {
  for (let piece = 1; piece <= DELTAS; piece += 1) turn.write("word ");
  turn.end();
}

/** Has a question answered, and waits until nothing is left to do. @returns the rows all of it wrote. */
async function rowsOf(
  thread: Conversation,
  question: string,
  write: (turn: HeldTurn) => Promise<void>,
): Promise<RowsWritten> {
  const client = await thread.connect();
  const written = await countRows(thread);
  const { run_id } = await client.say(question, { client_message_id: "as clients send it" });
  await write(await model.turn(question));
  const { data } = await client.completed(run_id);
  expect(data).toMatchObject({ status: "completed", persisted: true });
  expect(data.final_response.split(" ")).toHaveLength(DELTAS + 1);
  await eventually(async () => {
    expect(await stateOf(thread)).toMatchObject({ unfinished: [], outbox: 0, alarm: null });
  });
  return await written();
}

/** A thread that has its name: something was said and answered in it. */
async function namedThread(): Promise<Conversation> {
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say("names the thread");
  (await model.turn("names the thread")).end("Hello.");
  await client.completed(run_id);
  client.close();
  await thread.settled();
  return thread;
}

/** The message with its run, its entry in the index of client_message_ids, and the run's end in place. */
const RUNS = 3;
/** One for each commit: the message with the run's beginning, the answer with its outcome, the end. */
const JOURNAL = 3;
/** The question, the answer, and the run: each as it stands at the end, because nothing was sent before. */
const D1 = 3;
/** It stands while the run is live: set once, and deleted. */
const ALARMS = 2;

it(`a turn of ${DELTAS} deltas writes ${RUNS + JOURNAL + D1} rows: ${RUNS + JOURNAL} in the object, ${D1} in D1`, async () => {
  expect(await rowsOf(await namedThread(), "a turn", writeAll)).toEqual({
    object: { runs: RUNS, journal: JOURNAL },
    d1: D1,
    alarms: ALARMS,
  });
});

it(`one that takes more than five seconds writes ${RUNS + JOURNAL + D1 + 1}: its text so far is kept in between`, async () => {
  const writeSlowly = async (turn: HeldTurn) => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + A_MOMENT });
    await writeAll(turn);
  };
  expect(await rowsOf(await namedThread(), "a slow turn", writeSlowly)).toEqual({
    object: { runs: RUNS + 1, journal: JOURNAL },
    d1: D1,
    alarms: ALARMS,
  });
});

it(`the first one of a thread, which names it, writes ${RUNS + JOURNAL + D1 + 1}: the name, in D1 alone`, async () => {
  expect(await rowsOf(await beginThread(), "the first turn", writeAll)).toEqual({
    object: { runs: RUNS, journal: JOURNAL },
    d1: D1 + 1,
    alarms: ALARMS,
  });
});
