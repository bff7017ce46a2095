/** Sockets whose clients are gone without a word, or are not known any more: each is let go. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { PING_FRAME } from "../../../src/protocol/frames.ts";
import { MAX_SOCKETS } from "../../../src/protocol/limits.ts";
import type { Client } from "./client.ts";
import { beginThread } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a half-open socket", () => {
  const minutesLater = (minutes: number) =>
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + minutes * 60_000 });

  async function pinged(client: Client): Promise<Client> {
    client.sendRaw(PING_FRAME);
    await client.frame("pong");
    return client;
  }

  it("is closed with 4408 when somebody comes; a mere listener never is, and no alarm is set", async () => {
    const thread = await beginThread();
    const [silent, listener] = [await pinged(await thread.connect()), await thread.connect()];
    await evictDurableObject(thread.object);
    minutesLater(4);
    expect(await thread.alarm()).toBe(false);
    await thread.connect();

    expect(await silent.closed).toBe(4408);
    await listener.answers();
    expect(await thread.alarm()).toBe(false);
  });

  it("gives its place to who comes, where the thread has no other", async () => {
    const thread = await beginThread();
    const silent = await pinged(await thread.connect());
    for (let n = 1; n < MAX_SOCKETS; n += 1) await thread.connect();
    await expect(thread.connect()).rejects.toThrow("429");
    minutesLater(4);

    await (await thread.connect()).answers();
    expect(await silent.closed).toBe(4408);
  });

  it("is closed while a run is live", async () => {
    const thread = await beginThread();
    const [silent, speaker] = [await pinged(await thread.connect()), await thread.connect()];
    minutesLater(4);
    const { run_id } = await speaker.say("a live run");
    await thread.alarm();

    expect(await silent.closed).toBe(4408);
    (await model.turn("a live run")).end("Done.");
    await speaker.completed(run_id);
  });

  it("is none where the client pinged or said something of late", async () => {
    const thread = await beginThread();
    const [pinging, talking] = [await pinged(await thread.connect()), await thread.connect()];
    await pinged(talking);
    minutesLater(2);
    await talking.answers();
    minutesLater(2);
    await thread.connect();
    await talking.answers();
    expect(await pinging.closed).toBe(4408);
  });
});

describe("a socket at fault", () => {
  it("because it takes no frame any more is let go with 1011, and the others are told", async () => {
    const thread = await beginThread();
    const [speaker, other] = [await thread.connect(), await thread.connect()];
    const { send } = WebSocket.prototype;
    const failing = vi.spyOn(WebSocket.prototype, "send").mockImplementation(function fail(
      this: WebSocket,
      frame,
    ) {
      if (String(frame).startsWith('{"type":"message_accepted"')) {
        failing.mockRestore();
        throw new TypeError("The socket is gone.");
      }
      send.call(this, frame);
    });
    speaker.send({ type: "user_message", content: "to the others" });
    const { context } = await Promise.any(
      [speaker, other].map((client) => client.frame("message_accepted")),
    );

    expect(await Promise.any([speaker.closed, other.closed])).toBe(1011);
    (await model.turn("to the others")).end("Told.");
    await Promise.any([speaker, other].map((client) => client.completed(context.run_id)));
  });

  it("because nothing is known of its client is let go on waking, and the thread lives on", async () => {
    const thread = await beginThread();
    const [unknown, known] = [await thread.connect(), await thread.connect()];
    await runInDurableObject(thread.object, (_, ctx) => {
      for (const socket of ctx.getWebSockets().slice(0, 1)) socket.serializeAttachment({});
    });
    await evictDurableObject(thread.object);
    await thread.rowCounts();

    expect(await Promise.any([unknown.closed, known.closed])).toBe(1011);
    const { epoch } = (await unknown.frame("connection_ready")).data;
    await (await thread.connect(`?after=0&epoch=${epoch}`)).answers();
  });
});
