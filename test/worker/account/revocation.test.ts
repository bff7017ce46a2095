/** Sockets of a user across all threads: how many may be open, and the end of those whose session ended. */

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { Account } from "../../../src/account/account-object.ts";
import { OpenSockets } from "../../../src/account/open-sockets.ts";
import { verifyAccessToken } from "../../../src/auth/access-tokens.ts";
import { keyRing } from "../../../src/auth/signing-keys.ts";
import { newId, systemClock } from "../../../src/core/clock.ts";
import { grantOf } from "../../../src/durable/grant.ts";
import { readConfig } from "../../../src/env.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { TIER_LIMITS } from "../../../src/protocol/tiers.ts";
import { consoleLog } from "../../../src/telemetry/log.ts";
import { Thread } from "../../../src/thread/thread-object.ts";
import { ask, problemOf } from "../http/ask.ts";
import { EventStream } from "../http/event-stream.ts";
import { somebody } from "../http/somebody.ts";
import { eventually } from "../thread/client.ts";
import { beginThread, clientOf } from "../thread/conversation.ts";
import { oldToken } from "../thread/tokens.ts";
import { UserFeed } from "./user-feed.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

async function grantFor(token: string) {
  const authority = { keys: keyRing(readConfig(env)), clock: systemClock };
  return grantOf(await verifyAccessToken(token, authority));
}

/** @returns what a user's own sign-in stands on. */
async function voucherOf({ access_token }: Credentials): Promise<string> {
  return (await grantFor(access_token)).voucherId;
}

const Total = z.object({ total: z.number().nullable() });

/** @returns the sockets in threads that the user's object knows of. */
function known(feed: UserFeed): Promise<number> {
  return runInDurableObject(feed.object, (_, { storage }) => {
    const row = storage.sql.exec("SELECT sum(sockets) AS total FROM open_sockets").one();
    return Total.parse(row).total ?? 0;
  });
}

describe("a session that ends", () => {
  it("closes its sockets with 4401 in every thread, ends its streams, and leaves other sessions'", async () => {
    const owner = await somebody();
    const [one, two] = [await beginThread(owner), await beginThread(owner)];
    const feed = new UserFeed(owner);
    const ending = [await one.connect(), await two.connect(), await two.connect()];
    const streams = [new EventStream(await one.ask("/events")), await feed.listen()];
    const headers = { upgrade: "websocket" };
    const token = await oldToken(owner, 0);
    const other = clientOf(await ask(`${one.path}/socket`, { token, headers }));
    await other.frame("connection_ready");
    await feed.object.endVouchers([await voucherOf(owner)]);

    for (const client of ending) {
      expect(await client.closed).toBe(4401);
      const { command, problem } = (await client.frame("error")).data;
      expect([command, problem.code]).toEqual([null, "session_ended"]);
    }
    for (const stream of streams) await stream.toEnd();
    await other.answers();
    await eventually(async () => expect(await known(feed)).toBe(1));
  });

  it("may ask for nothing more, by HTTP or for a socket, though its token lives on", async () => {
    const owner = await somebody();
    const thread = await beginThread(owner);
    await new UserFeed(owner).object.endVouchers([await voucherOf(owner)]);

    for (const response of [
      await ask("/api/auth/me", { token: owner.access_token }),
      await thread.ask("/messages", { body: { content: "anybody?" } }),
      await thread.ask("/socket", { headers: { upgrade: "websocket" } }),
    ]) {
      expect(await problemOf(response)).toMatchObject({ status: 401, code: "session_ended" });
    }
  });

  it("can't be handed to a socket that another session opened", async () => {
    const owner = await somebody();
    const thread = await beginThread(owner);
    const client = await thread.connect();
    const token = await oldToken(owner, 0);
    const { voucherId } = await grantFor(token);
    await new UserFeed(owner).object.endVouchers([voucherId]);

    const { problem } = await client.refused({ type: "reauthenticate", token });
    expect(problem.code).toBe("session_ended");
    await client.answers();
  });

  it("ends a socket that is only just being opened", async () => {
    const owner = await somebody();
    const thread = await beginThread(owner);
    const ids = [await voucherOf(owner)];
    const { openSocket } = Account.prototype;
    vi.spyOn(Account.prototype, "openSocket").mockImplementation(async function (
      this: Account,
      ...asked
    ) {
      const outcome = await openSocket.apply(this, asked);
      await this.endVouchers(ids);
      return outcome;
    });

    const response = await thread.ask("/socket", { headers: { upgrade: "websocket" } });
    expect(await problemOf(response)).toMatchObject({ status: 401, code: "session_ended" });
  });

  it("is told again, by an alarm, to a thread that was away", async () => {
    const owner = await somebody();
    const thread = await beginThread(owner);
    const client = await thread.connect();
    const { object } = new UserFeed(owner);
    const away = vi.spyOn(Thread.prototype, "endVouchers").mockRejectedValue(new Error("away"));
    await object.endVouchers([await voucherOf(owner)]);
    expect(away).toHaveBeenCalled();
    await client.answers();
    away.mockRestore();

    expect(await client.closed).toBe(4401);
  });
});

it("what ended is remembered for longer than any token lives, and not for ever", async () => {
  const owner = await somebody();
  const { object } = new UserFeed(owner);
  const grant = await grantFor(owner.access_token);
  await object.endVouchers([grant.voucherId]);
  expect((await object.admit(grant)).ok).toBe(false);
  vi.spyOn(systemClock, "now").mockReturnValue(Date.now() + 61 * 60_000);

  expect((await object.admit(grant)).ok).toBe(true);
});

describe("sockets at once", () => {
  it("are found by their thread's row from the first on; how many more there are is noted together", async () => {
    const feed = new UserFeed(await somebody());
    await runInDurableObject(feed.object, async (_, { storage: { sql } }) => {
      const threadId = ThreadId.parse(newId());
      const [changes, waiting]: [number[], (() => void)[]] = [[], []];
      const endVouchers = vi.fn().mockResolvedValue(3);
      const parts = {
        sql,
        thread: () => ({ endVouchers }),
        log: consoleLog,
        onChange: (more: number) => void changes.push(more),
        soon: (work: () => void) => void waiting.push(work),
      };
      const rows = () => sql.exec("SELECT * FROM open_sockets").toArray();
      const open = new OpenSockets(parts);
      open.report(threadId, 1);
      expect(rows()).toEqual([{ thread_id: threadId, sockets: 1 }]);
      open.report(threadId, 2);
      open.report(threadId, 3);
      expect([open.total(), rows(), waiting.length]).toEqual([3, [expect.anything()], 1]);

      // A life that knows the row alone reaches the thread all the same, and learns the rest from it.
      const next = new OpenSockets(parts);
      expect([next.total(), await next.endVouchers(["ended"]), next.total()]).toEqual([1, true, 3]);
      expect(endVouchers).toHaveBeenCalledWith(["ended"], expect.anything());

      for (const work of waiting.splice(0)) work();
      expect(rows()).toEqual([{ thread_id: threadId, sockets: 3 }]);
      open.report(threadId, 0);
      for (const work of waiting.splice(0)) work();
      expect(rows()).toEqual([]);
      expect(changes).toEqual([1, 1, 1, 2, -3]);
    });
  });

  it("are counted over all threads, and told as they close", async () => {
    const owner = await somebody();
    const feed = new UserFeed(owner);
    const [one, two] = [await beginThread(owner), await beginThread(owner)];
    const clients = [await one.connect(), await one.connect(), await two.connect()];
    await eventually(async () => expect(await known(feed)).toBe(3));
    for (const client of clients) client.close();

    await eventually(async () => expect(await known(feed)).toBe(0));
  });

  it("are refused past the tier's limit, in any thread, until one closes", async () => {
    const owner = await somebody();
    const feed = new UserFeed(owner);
    const [full, next] = [await beginThread(owner), await beginThread(owner)];
    const client = await full.connect();
    const others = vi
      .spyOn(Thread.prototype, "endVouchers")
      .mockResolvedValue(TIER_LIMITS.free.sockets);
    await feed.object.socketsOf(full.threadId, TIER_LIMITS.free.sockets);
    const knock = () => next.ask("/socket", { headers: { upgrade: "websocket" } });
    const problem = await problemOf(await knock());

    expect(problem).toMatchObject({
      status: 429,
      code: "quota_exceeded",
      limit: { name: "sockets", limit: TIER_LIMITS.free.sockets, remaining: 0 },
    });
    expect(problem.retry_after).toBeGreaterThan(0);
    others.mockRestore();
    client.close();
    await eventually(async () => expect(await known(feed)).toBe(0));
    clientOf(await knock());
  });

  it("that died with their thread, unseen, are found out before anybody is refused", async () => {
    const owner = await somebody();
    const feed = new UserFeed(owner);
    await feed.object.socketsOf(ThreadId.parse(newId()), TIER_LIMITS.free.sockets);

    const thread = await beginThread(owner);
    await (await thread.connect()).answers();
    await eventually(async () => expect(await known(feed)).toBe(1));
  });

  it("are opened though the user's object is away, and told when it is back", async () => {
    const thread = await beginThread();
    const asked = vi.spyOn(Account.prototype, "openSocket").mockRejectedValue(new Error("away"));
    const client = await thread.connect();
    await client.answers();
    asked.mockRestore();
    expect(await thread.alarm()).toBe(true);

    await eventually(async () => expect(await known(new UserFeed(thread.owner))).toBe(1));
  });
});
