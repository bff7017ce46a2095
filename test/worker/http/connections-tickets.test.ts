/** Tickets: each opens one socket, to one thread, once, and no longer than the token it was made with. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { Ticket } from "../../../src/protocol/api.ts";
import { beginThread, type Conversation, clientOf } from "../thread/conversation.ts";
import { oldToken } from "../thread/tokens.ts";
import { ask, problemOf } from "./ask.ts";
import { knock } from "./knock.ts";
import { somebody } from "./somebody.ts";

afterEach(() => {
  vi.useRealTimers();
});

async function ticketFor(thread: Conversation): Promise<string> {
  const response = await thread.ask("/ticket", { method: "POST" });
  expect(response.status).toBe(201);
  return Ticket.parse(await response.json()).ticket;
}

describe("a ticket", () => {
  it("opens one socket, once", async () => {
    const thread = await beginThread();
    const ticket = await ticketFor(thread);
    const open = () => knock(`${thread.path}/socket?ticket=${ticket}`);
    const { context } = await clientOf(await open()).frame("connection_ready");

    expect(context.user_id).toBe(thread.owner.user.id);
    expect(await problemOf(await open())).toMatchObject({ status: 401, code: "token_invalid" });
  });

  it("opens one socket of twenty that come at once", async () => {
    const thread = await beginThread();
    const ticket = await ticketFor(thread);
    const open = () => knock(`${thread.path}/socket?ticket=${ticket}`);
    const answers = await Promise.all(Array.from({ length: 20 }, open));

    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 101)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(19);
  });

  it("opens no other thread, not even of the same user", async () => {
    const thread = await beginThread();
    const other = await beginThread(thread.owner);
    const ticket = await ticketFor(thread);

    const refusal = await problemOf(await knock(`${other.path}/socket?ticket=${ticket}`));
    expect(refusal).toMatchObject({ status: 401, code: "token_invalid" });
    const { context } = await clientOf(await knock(`/ws?ticket=${ticket}`)).frame(
      "connection_ready",
    );
    expect(context.thread_id).toBe(thread.threadId);
  });

  it("is worth nothing after half a minute, nor as an access token", async () => {
    const thread = await beginThread();
    const ticket = await ticketFor(thread);

    const asToken = await thread.ask("", { token: ticket });
    expect(await problemOf(asToken)).toMatchObject({ status: 401, code: "token_invalid" });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
    const late = await knock(`${thread.path}/socket?ticket=${ticket}`);
    expect(await problemOf(late)).toMatchObject({ status: 401, code: "token_expired" });
  });

  it("does not outlive the access token it was made with, and so is never good twice", async () => {
    const thread = await beginThread();
    const token = await oldToken(thread.owner, 15 * 60_000 - 10_000);
    const made = await thread.ask("/ticket", { method: "POST", token });
    const { ticket } = Ticket.parse(await made.json());
    const open = () => knock(`${thread.path}/socket?ticket=${ticket}`);
    expect((await open()).status).toBe(101);

    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 20_000 });
    expect(await problemOf(await open())).toMatchObject({ status: 401, code: "token_expired" });
  });

  it("is not given for another user's thread, nor for a missing one", async () => {
    const { path } = await beginThread();
    const { access_token: token } = await somebody();

    for (const address of [`${path}/ticket`, "/api/threads/missing/ticket"]) {
      const response = await ask(address, { method: "POST", token });
      expect(await problemOf(response)).toMatchObject({ status: 404, code: "not_found" });
    }
  });
});
