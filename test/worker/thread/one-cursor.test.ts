/**
 * One cursor: a run with tools, left at each of its frames and taken up again over the socket, the
 * event stream or the history, whichever was left for whichever: nothing is missed or told twice.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { LoggedEvent, ServerFrame } from "../../../src/protocol/events.ts";
import { isLogged } from "../../../src/protocol/frames.ts";
import { Epoch } from "../../../src/protocol/ids.ts";
import { project, withHistory } from "../../../src/protocol/projection.ts";
import { formatEventId } from "../../../src/protocol/sse.ts";
import { EMPTY_THREAD, type ThreadView } from "../../../src/protocol/thread-view.ts";
import { EventStream } from "../http/event-stream.ts";
import { type Client, eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

const DOORS = ["socket", "event stream"] as const;
type Door = (typeof DOORS)[number];
type Position = Pick<ThreadView, "epoch" | "lastSeq">;
type Fits = (frame: ServerFrame) => boolean;

const LOST: Position = { epoch: Epoch.parse("another"), lastSeq: 1 };

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

const fold = (frames: readonly ServerFrame[], view = EMPTY_THREAD) => frames.reduce(project, view);

type Pause = (thread: Conversation, client: Client) => Promise<void>;

/** Has a thread answer with two tool calls and a text. @param pause what happens after each part. */
async function converse(pause: Pause = async () => undefined) {
  const thread = await beginThread();
  const client = await thread.connect();
  const question = `asked in ${thread.threadId}`;
  const { run_id } = await client.say(question);
  for (const nth of [1, 2]) {
    const turn = await model.turn(question, nth);
    await pause(thread, client);
    turn.call("usage_summary", {});
    turn.end();
  }
  const turn = await model.turn(question, 3);
  turn.write("Grüße ");
  await client.frame("message_delta");
  await pause(thread, client);
  turn.end("an 東京 🚀");
  await client.completed(run_id);
  await pause(thread, client);
  return { thread, client };
}

/** @returns what is heard through a door by somebody who saw so much, up to a frame. */
async function hear(thread: Conversation, door: Door, { epoch, lastSeq }: Position, upTo: Fits) {
  const listen = door === "socket" ? overSocket : overStream;
  const frames = await listen(thread, epoch && { epoch, after: lastSeq }, upTo);
  return frames.slice(0, frames.findIndex(upTo) + 1);
}

type Place = { readonly epoch: Epoch; readonly after: number } | null;

async function overSocket(thread: Conversation, place: Place, upTo: Fits) {
  const client = await thread.connect(place ? `?after=${place.after}&epoch=${place.epoch}` : "");
  await eventually(async () => expect(client.frames.some(upTo)).toBe(true));
  client.close();
  return client.frames;
}

async function overStream(thread: Conversation, place: Place, upTo: Fits) {
  const headers = place ? { "last-event-id": formatEventId(place.epoch, place.after) } : {};
  const stream = new EventStream(await thread.ask("/events", { headers }));
  await stream.until(upTo);
  await stream.leave();
  return stream.frames;
}

/** @returns the view of somebody who can't resume: the history, and what is told from there on. */
async function reload(thread: Conversation, door: Door, view: ThreadView, last: number) {
  const [ready, ...tail] = await hear(thread, door, LOST, (frame) =>
    frame.type === "connection_ready" ? frame.data.replay_after >= last : isEvent(last)(frame),
  );
  if (ready === undefined) throw new Error("nobody was welcomed");
  return fold(tail, withHistory(fold([ready], view), await thread.messages()));
}

/** @returns what stands in a view, as it is read: the time of a message may differ by a moment. */
function read({ messages, lastSeq, stale }: ThreadView) {
  const said = messages.map(({ id, seq, role, text, status }) => ({ id, seq, role, text, status }));
  return { said, lastSeq, stale };
}

const isEvent = (seq: number) => (frame: ServerFrame) => isLogged(frame) && frame.seq === seq;

describe("a run that is over", () => {
  let thread: Conversation;
  let told: readonly ServerFrame[];
  let log: readonly LoggedEvent[];
  let whole: ThreadView;
  beforeAll(async () => {
    const { client, ...rest } = await converse();
    thread = rest.thread;
    told = client.frames;
    log = client.events;
    whole = client.view;
  });

  it.each(DOORS)("left after any frame is taken up over the %s where it was left", async (door) => {
    expect(log.filter(({ type }) => type === "tool_completed")).toHaveLength(2);
    for (const [cut] of told.slice(0, -1).entries()) {
      const before = fold(told.slice(0, cut + 1));
      const [ready, ...rest] = await hear(thread, door, before, isEvent(log.length));

      expect(ready).toMatchObject({ data: { recovered: true, replay_after: before.lastSeq } });
      expect(rest).toEqual(log.slice(before.lastSeq));
      expect(fold(rest, before)).toEqual(whole);
    }
  });

  it("left after each event for the other door is told each event once", async () => {
    const heard: ServerFrame[] = [];
    for (const { seq } of log) {
      const door = DOORS[seq % 2] ?? "socket";
      const before = { epoch: whole.epoch, lastSeq: seq - 1 };
      heard.push(...(await hear(thread, door, before, isEvent(seq))));
    }
    expect(heard.filter(isLogged)).toEqual(log);
  });

  it.each(DOORS)(
    "left after any frame is found in the history by who can't resume over the %s",
    async (door) => {
      for (const [cut] of told.entries()) {
        const reloaded = await reload(thread, door, fold(told.slice(0, cut)), log.length);
        expect(read(reloaded)).toEqual(read(whole));
      }
    },
  );
});

describe("a run that is live", () => {
  it("is followed by who hops from door to door, event by event", async () => {
    const heard: ServerFrame[] = [];
    const { client } = await converse(async (thread, { events }) => {
      for (const { seq } of events.slice(fold(heard).lastSeq)) {
        const door = DOORS[seq % 2] ?? "socket";
        heard.push(...(await hear(thread, door, fold(heard), isEvent(seq))));
      }
    });
    expect(heard.filter(isLogged)).toEqual(client.events);
    expect(fold(heard)).toEqual(client.view);
  });

  it.each(DOORS)("is seen whole by who came from the history over the %s", async (door) => {
    const views: ThreadView[] = [];
    const { thread, client } = await converse(async (live, { events }) => {
      views.push(await reload(live, door, EMPTY_THREAD, events.length));
    });
    const whole = client.view;
    for (const view of views.filter(({ lastSeq }) => lastSeq < whole.lastSeq)) {
      const rest = await hear(thread, door, view, isEvent(whole.lastSeq));
      expect(read(fold(rest, view))).toEqual(read(whole));
    }
    expect(views.at(-1)?.lastSeq).toBe(whole.lastSeq);
  });
});
