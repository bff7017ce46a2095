/** Messages within their user's quotas: the same refusal at both doors, and no wait for who is away. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Account } from "../../../src/account/account-object.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { TIER_LIMITS } from "../../../src/protocol/tiers.ts";
import { problemOf } from "../http/ask.ts";
import { beginThread } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

let model: HeldModel;
beforeEach(async () => {
  model = await holdModel();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The middle of a minute that is to come, so that no window ends while a test is at work. */
function stopClock(): void {
  const now = Date.now();
  vi.spyOn(systemClock, "now").mockReturnValue(now - (now % 60_000) + 90_000);
}

describe("a message beyond the quota", () => {
  it("is refused over HTTP and over a socket with the same facts, and changes nothing", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    stopClock();
    const { run_id } = await client.say("within", { client_message_id: "first" });
    // What is said again does not count.
    for (let n = 0; n < TIER_LIMITS.free.messages; n += 1) {
      await client.say("within", { client_message_id: "first" });
    }
    for (let n = 1; n < TIER_LIMITS.free.messages; n += 1) {
      await client.refused({ type: "user_message", content: "no such agent", agent: "nobody" });
    }
    const before = await thread.rowCounts();
    const told = await client.refused({
      type: "user_message",
      content: "beyond",
      client_message_id: "mine",
    });
    const response = await thread.ask("/messages", { body: { content: "beyond" } });
    const { instance: _, request_id: __, ...problem } = await problemOf(response);

    expect(problem).toMatchObject({
      code: "quota_exceeded",
      retry_after: 30,
      limit: { name: "messages", limit: TIER_LIMITS.free.messages, remaining: 0 },
    });
    expect(response.headers.get("retry-after")).toBe("30");
    expect(told).toEqual({ problem, command: "user_message", client_message_id: "mine" });
    expect(await client.say("within", { client_message_id: "first" })).toMatchObject({ run_id });
    (await model.turn("within")).end("Well.");
    await client.completed(run_id);
    expect(await thread.rowCounts()).toMatchObject({ runs: before.runs });
  });
});

describe("messages of one socket", () => {
  it("are taken in the order in which they came, and a cancel after what it follows", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const contents = Array.from({ length: 5 }, (_, n) => `message ${n}`);
    for (const content of contents) client.send({ type: "user_message", content });
    client.send({ type: "cancel" });
    const cancelled = await client.frame("cancel_accepted");
    const said = client.frames.flatMap((frame) =>
      frame.type === "message_accepted" ? [frame.data] : [],
    );

    expect(said.map(({ content }) => content)).toEqual(contents);
    expect(said.map(({ queue_position }) => queue_position)).toEqual([0, 1, 2, 3, 4]);
    expect(cancelled.data.run_id).toBe(said[0]?.run_id);
  });
});

describe("while the user's object is away", () => {
  it.each([
    ["fails", () => Promise.reject(new Error("away"))],
    ["is silent", () => new Promise<never>(() => undefined)],
  ])("because it %s, chat goes on, and only the first message waits for it", async (_, answer) => {
    const thread = await beginThread();
    const client = await thread.connect();
    const asked = vi.spyOn(Account.prototype, "reserve").mockImplementation(answer);
    const first = await client.say("first");
    const tries = asked.mock.calls.length;
    await client.say("second");
    expect(asked).toHaveBeenCalledTimes(tries);
    for (const content of ["first", "second"]) (await model.turn(content)).end("Well.");

    expect((await client.completed(first.run_id)).data.status).toBe("completed");
  });
});
