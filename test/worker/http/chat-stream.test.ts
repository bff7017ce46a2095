/** Chat as a stream: said by POST, followed by GET, ended when told, and resumed to the letter. */
import { beforeAll, describe, expect, it, vi } from "vitest";
import { FeedFrame } from "../../../src/protocol/account-feed.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import { Thread } from "../../../src/thread/thread-object.ts";
import { fieldsOf } from "../thread/client.ts";
import { beginThread } from "../thread/conversation.ts";
import { type Asked, ask, problemOf } from "./ask.ts";
import { EventStream, FrameStream } from "./event-stream.ts";
import { somebody } from "./somebody.ts";

let ada: Credentials;
const as = (path: string, asked: Asked = {}) => ask(path, { token: ada.access_token, ...asked });

beforeAll(async () => {
  ada = await somebody();
});

describe("a stream of chat is refused", () => {
  it("where something is said by GET, which is repeated by anybody on the way", async () => {
    const problem = await problemOf(await as("/api/chat/stream?message=hello"));

    expect(problem).toMatchObject({ status: 422, detail: expect.stringContaining("POST") });
    expect(fieldsOf(problem)).toEqual(["message"]);
  });

  it("of another's thread and run, as of missing ones", async () => {
    const { threadId } = await beginThread();
    for (const query of [`thread_id=${threadId}`, `run_id=${threadId}.1`, "run_id=x"]) {
      expect((await as(`/api/chat/stream?${query}`)).status).toBe(404);
    }
  });

  it.each(["0", "3601", "x"])("for %s seconds", async (seconds) => {
    const problem = await problemOf(await as(`/api/chat/stream?for=${seconds}`));
    expect(fieldsOf(problem)).toEqual(["for"]);
  });
});

describe("a stream of chat", () => {
  it("tells the run of what was said to its end, and again from wherever it is resumed", async () => {
    const response = await as("/api/chat/stream", { body: { content: "What do calls cost?" } });
    const said = new EventStream(response);
    await said.toEnd();
    const run = response.headers.get("location")?.split("/").at(-1);
    expect(said.frames.at(0)?.type).toBe("message_accepted");
    expect(said.frames.at(-1)?.type).toBe("agent_completed");

    const again = new EventStream(await as(`/api/chat/stream?run_id=${run}`));
    await again.toEnd();
    const logged = ({ events }: EventStream) => events.flatMap(({ id }) => id ?? []);
    expect(logged(again).slice(-logged(said).length)).toEqual(logged(said));

    const second = logged(said)[1] ?? "";
    const headers = { "last-event-id": second };
    const rest = new EventStream(await as(`/api/agents/stream?run_id=${run}`, { headers }));
    await rest.toEnd();
    expect(logged(rest)).toEqual(logged(said).slice(2));
  });

  it("has nothing to resume where all of the run was told, which takes no more than reading", async () => {
    const cancelled = vi.spyOn(Thread.prototype, "cancelRun");
    const response = await as("/api/chat/stream", { body: { content: "Hello" } });
    const said = new EventStream(response);
    await said.toEnd();
    const run = response.headers.get("location")?.split("/").at(-1);
    const headers = { "last-event-id": said.events.at(-1)?.id ?? "" };

    expect((await as(`/api/chat/stream?run_id=${run}`, { headers })).status).toBe(204);
    expect(cancelled).not.toHaveBeenCalled();
    cancelled.mockRestore();
  });

  it("of a thread ends after the seconds that were asked for, and says so", async () => {
    const { threadId } = await beginThread(ada);
    const response = await as(`/api/chat/stream?thread_id=${threadId}&for=1`);

    expect(await response.text()).toMatch(/event: stream_end\ndata: \{"reason":"time"\}\n\n$/);
  });
});

describe("the feed of all threads", () => {
  it.each(["GET", "POST"])("answers %s at once, and ends when told", async (method) => {
    for (const path of ["/api/events/stream?for=1", "/api/events?for=1"]) {
      const text = await (await as(path, { method })).text();
      expect(text).toMatch(/^event: feed_ready\n/);
      expect(text).toMatch(/event: stream_end\n.*\n\n$/);
    }
  });

  it("is what a stream of chat is without a thread", async () => {
    const stream = new FrameStream(await as("/api/chat/stream"), FeedFrame);
    await stream.until(({ type }) => type === "feed_ready");
    await as("/api/agents/execute", { body: { content: "Hello" } });
    await stream.until(({ type }) => type === "run_ended");
    await stream.leave();
  });
});
