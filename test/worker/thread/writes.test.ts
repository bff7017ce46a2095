/** What a turn costs in rows written, its objects and D1 together: the same, however many pieces it comes in. */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RunId } from "../../../src/protocol/ids.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import { FeedStream, UserFeed } from "../account/user-feed.ts";
import { ask } from "../http/ask.ts";
import { eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, type HeldTurn, holdModel, objectEnv } from "./held-model.ts";
import { countRows, type RowsWritten, sumOf } from "./row-count.ts";
import { stateOf } from "./thread-state.ts";

/** Pieces of text in the turn. */
const DELTAS = 250;
/** Longer than what a turn writes stays unsaved, in milliseconds. */
const A_MOMENT = 6_000;
/** So far ahead objects believe it is, in milliseconds: their alarms ring when a test rings them. */
const AHEAD = 10 * 60_000;

let model: HeldModel;
beforeEach(async () => {
  // However busy the machine: a turn that takes its time keeps its text in between, and its alarm would ring.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + AHEAD });
  model = await holdModel();
  // Calls of the demo are none, and leave no usage.
  vi.spyOn(portsOf(await objectEnv()).model, "provider", "get").mockReturnValue("openai");
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

/** Has a question answered, and waits until all of it is where it belongs. @returns the rows all of it wrote. */
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
    expect(await stateOf(thread)).toMatchObject({ unfinished: [], outbox: 0 });
    expect(await toldOf(thread, run_id)).toContain("run_ended");
  });
  return await written();
}

/** @returns what the user's feed was told of a run, as JSON. */
function toldOf({ owner }: Conversation, runId: RunId): Promise<string> {
  return runInDurableObject(new UserFeed(owner).object, (_, { storage }) => {
    const query = "SELECT events FROM journal WHERE instr(events, ?)";
    return JSON.stringify(storage.sql.exec(query, runId).toArray());
  });
}

/** Rings the alarm until none stands for work to do. */
async function untilQuiet(thread: Conversation): Promise<void> {
  await eventually(async () => {
    await thread.alarm();
    expect(await stateOf(thread)).toMatchObject({ unfinished: [], outbox: 0, alarm: null });
  });
}

/** A thread that has its name: something was said and answered in it. */
async function namedThread(): Promise<Conversation> {
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say("names the thread");
  (await model.turn("names the thread")).end("Hello.");
  await client.completed(run_id);
  client.close();
  await untilQuiet(thread);
  return thread;
}

/** The run, with its message and its outcome, when it ends: until then the commit of its message says it. In D1 too. */
const RUNS = 1;
/** One for each commit: the message with the run's beginning, the answer with its outcome, the end. */
const JOURNAL = 3;
/** That the run began and that it ended, with what it used: told at once, since nobody follows the feed. */
const FEED = 1;
/** The question and the answer, as they stand at the end, because nothing was sent before. */
const MESSAGES = 2;
/** The call of the model in the user's own usage, and its id in the index. */
const USAGE = 2;
/** It is set with the run's beginning, and left to ring. */
const ALARMS = 1;

const HISTORY = MESSAGES + RUNS + USAGE;
const ALL = RUNS + JOURNAL + FEED + HISTORY;
const OF_A_TURN: RowsWritten = {
  thread: { runs: RUNS, journal: JOURNAL },
  account: { journal: FEED },
  d1: { messages: MESSAGES, runs: RUNS, usage_records: USAGE },
  alarms: ALARMS,
};

it(`a turn of ${DELTAS} deltas writes ${ALL} rows: ${RUNS + JOURNAL} in the thread, ${FEED} in the account, ${HISTORY} in D1`, async () => {
  const rows = await rowsOf(await namedThread(), "a turn", writeAll);
  expect(rows).toEqual(OF_A_TURN);
  expect(sumOf(rows)).toBeLessThanOrEqual(10);
});

it("one that follows soon sets no alarm: that of the one before stands for it too", async () => {
  const thread = await namedThread();
  const client = await thread.connect();
  const { run_id } = await client.say("the one before");
  (await model.turn("the one before")).end("Done.");
  await client.completed(run_id);
  await eventually(async () => expect(await toldOf(thread, run_id)).toContain("run_ended"));
  const standing = (await stateOf(thread)).alarm;
  expect(standing).not.toBeNull();
  const rows = await rowsOf(thread, "the next turn", async (turn) => {
    expect((await stateOf(thread)).alarm).toBe(standing);
    await writeAll(turn);
  });
  expect(rows).toMatchObject({ thread: OF_A_TURN.thread, alarms: 0 });

  await untilQuiet(thread);
});

it("where the account is followed its beginning is told at once, which is one more", async () => {
  const thread = await namedThread();
  const feed = new FeedStream(
    await ask("/api/events/stream", { token: thread.owner.access_token }),
  );
  const { last_seq } = await feed.ready();
  const rows = await rowsOf(thread, "a followed turn", async (turn) => {
    // Else its end may be told with it, in the same row.
    await feed.upTo(last_seq + 1);
    await writeAll(turn);
  });
  expect(rows).toEqual({ ...OF_A_TURN, account: { journal: FEED + 1 } });
});

it("one that takes more than five seconds writes one more: its text so far is kept in between", async () => {
  const writeSlowly = async (turn: HeldTurn) => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + A_MOMENT });
    await writeAll(turn);
  };
  expect(await rowsOf(await namedThread(), "a slow turn", writeSlowly)).toEqual({
    ...OF_A_TURN,
    thread: { runs: RUNS + 1, journal: JOURNAL },
  });
});

it("the first one of a thread, which names it, writes one more in D1: the name, which the feed is told at once", async () => {
  const { account, ...rows } = await rowsOf(await beginThread(), "the first turn", writeAll);
  const { account: _, ...others } = OF_A_TURN;
  expect(rows).toEqual({ ...others, d1: { ...others.d1, threads: 1 } });
  // One where the run has ended by then: the object has yet to ask what the feed has.
  expect([FEED, FEED + 1]).toContain(account.journal);
});
