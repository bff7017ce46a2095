/** Sockets that are not read, or flood: each is let go or answered, and harms nobody. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { ServerFrame } from "../../../src/protocol/events.ts";
import { MAX_UNREAD_BYTES } from "../../../src/protocol/limits.ts";
import { EventStream } from "../http/event-stream.ts";
import { type Client, fieldsOf } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { Follower } from "./follower.ts";
import { type HeldModel, holdModel } from "./held-model.ts";
import { A_TOKENS_LIFE } from "./tokens.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

afterEach(() => {
  vi.useRealTimers();
});

/** An answer this long is sent twice: as it is written, and with the end of its run. */
const LONG = "x".repeat(300_000);
/** So many of them are more than a socket may be sent unread. */
const TOO_MANY = Math.ceil(MAX_UNREAD_BYTES / (2 * LONG.length)) + 1;

const sizeOf = (frames: readonly ServerFrame[]) =>
  frames.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0);

/** Has a client ask, and the model give a long answer. @returns the seq of its end. */
async function longAnswer(client: Client, question: string): Promise<number> {
  const { run_id } = await client.say(question);
  (await model.turn(question)).end(LONG);
  return (await client.completed(run_id)).seq;
}

/** Has the thread tell everybody more than a socket may be sent unread; the speaker acknowledges. */
async function longConversation(speaker: Client): Promise<void> {
  for (let n = 1; n <= TOO_MANY; n += 1) {
    speaker.send({ type: "ack", seq: await longAnswer(speaker, `${crypto.randomUUID()} ${n}`) });
  }
}

/** @returns what the sockets of a thread know of their clients, oldest first. */
function attachments(thread: Conversation): Promise<unknown[]> {
  return runInDurableObject(thread.object, (_, ctx) =>
    ctx.getWebSockets().map((socket) => socket.deserializeAttachment()),
  );
}

describe("a client that never says that it reads", () => {
  it("loses its socket with 1013 past 4 MiB, while one that does gets everything, in order", async () => {
    const thread = await beginThread();
    const [reader, deaf] = [new Follower(thread), new Follower(thread)];
    await Promise.all([reader.connect(), deaf.connect()]);
    const [reading, unheard] = [reader.client, deaf.client];
    if (reading === null || unheard === null) throw new Error("nobody is connected");
    await longConversation(reading);

    expect(await unheard.closed).toBe(1013);
    const sizes = unheard.frames.map((frame) => sizeOf([frame]));
    const total = sizeOf(unheard.frames);
    expect(total).toBeGreaterThan(MAX_UNREAD_BYTES);
    expect(total - (sizes.at(-1) ?? 0)).toBeLessThanOrEqual(MAX_UNREAD_BYTES);
    await reading.answers();
    reader.check();
    expect(reader.view.messages).toHaveLength(2 * TOO_MANY);

    deaf.drop();
    await deaf.connect();
    await deaf.client?.answers();
    deaf.check();
    expect(deaf.view).toEqual(reader.view);
  });

  it("keeps it where it goes on talking", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    for (let n = 1; n <= TOO_MANY; n += 1) await longAnswer(client, `talks on ${n}`);

    expect(sizeOf(client.frames)).toBeGreaterThan(MAX_UNREAD_BYTES);
    await client.answers();
  });

  it("loses it also where it keeps asking to be told again, or repeats what it acknowledged", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { epoch } = (await client.frame("connection_ready")).data;
    const seq = await longAnswer(client, "again and again");
    for (let n = 1; n <= 2 * TOO_MANY; n += 1) {
      client.send({ type: "resume", after: 0, epoch });
      client.send({ type: "ack", seq });
    }

    expect(await client.closed).toBe(1013);
  });
});

it("an event stream that is read lasts, however much it tells", async () => {
  const thread = await beginThread();
  const [speaker, stream] = [await thread.connect(), new EventStream(await thread.ask("/events"))];
  for (let n = 1; n <= TOO_MANY; n += 1) {
    const seq = await longAnswer(speaker, `streams on ${n}`);
    speaker.send({ type: "ack", seq });
    await stream.until((frame) => "seq" in frame && frame.seq === seq);
  }

  expect(sizeOf(stream.frames)).toBeGreaterThan(MAX_UNREAD_BYTES);
  await stream.leave();
});

describe("an ack", () => {
  it.each([1, 7, -1, 0.5, "0", null])("of the seq %j is refused by name", async (seq) => {
    const client = await (await beginThread()).connect();
    const { problem, command } = await client.refused({ type: "ack", seq });

    expect(command).toBe("ack");
    expect(problem.code).toBe("invalid_fields");
    expect(fieldsOf(problem)).toEqual(["seq"]);
  });

  it("has no answer, also where the token has run out: who reads wants nothing", async () => {
    const client = await (await beginThread()).connect();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + A_TOKENS_LIFE });
    client.send({ type: "ack", seq: 0 });
    await client.answers();

    expect(client.frames.map(({ type }) => type)).toEqual(["connection_ready", "pong"]);
  });

  it("is remembered by the socket, forwards alone, while the object sleeps too", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const seq = await longAnswer(client, "to be remembered");
    for (const [said, position] of [
      [2, 2],
      [1, 2],
      [seq, seq],
      [3, seq],
    ] as const) {
      client.send({ type: "ack", seq: said });
      await client.answers();
      expect(await attachments(thread)).toMatchObject([{ position }]);
      await evictDurableObject(thread.object);
    }
    const { epoch } = (await client.frame("connection_ready")).data;
    await thread.connect(`?after=3&epoch=${epoch}`);
    const known = await attachments(thread);
    expect(known).toHaveLength(2);
    expect(known).toContainEqual(expect.objectContaining({ position: 3 }));
  });

  it("alone, like other commands, has the socket remember: what is sent never does", async () => {
    const thread = await beginThread();
    const [speaker, listener] = [await thread.connect(), await thread.connect()];
    const { run_id } = await speaker.say("many pieces");
    const turn = await model.turn("many pieces");
    const remembers = vi.spyOn(WebSocket.prototype, "serializeAttachment");
    for (let n = 0; n < 250; n += 1) turn.write("piece ");
    turn.end();
    await listener.completed(run_id);
    expect(remembers).not.toHaveBeenCalled();

    listener.send({ type: "ack", seq: 1 });
    await listener.answers();
    expect(remembers).toHaveBeenCalled();
    remembers.mockRestore();
  });
});

describe("a flood", () => {
  it("of pings that wake the object is answered one by one, and the thread goes on", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const pings = 250;
    for (let n = 0; n < pings; n += 1) client.sendRaw('{ "type": "ping" }');
    await vi.waitFor(
      () => expect(client.frames.filter(({ type }) => type === "pong")).toHaveLength(pings),
      { timeout: 15_000, interval: 20 },
    );

    await longAnswer(client, "after the flood");
  });

  it("of frames of many mebibytes is refused frame by frame, and the thread goes on", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    for (const mebibytes of [1, 4, 16]) {
      const { problem } = await client.refused("x".repeat(mebibytes * 1024 * 1024));
      expect(problem.code).toBe("too_large");
    }

    await longAnswer(client, "after the frames");
  });
});
