/** A thread's log can be proven: what was touched in its storage is named, and what is exported verifies. */
import { runInDurableObject } from "cloudflare:test";
import { exportJWK, generateKeyPair } from "jose";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { verifyLog } from "../../../src/auth/log-verifier.ts";
import { keyRing, publicKeys } from "../../../src/auth/signing-keys.ts";
import { LoggedEvent } from "../../../src/protocol/events.ts";
import { PrivateJwk } from "../../../src/protocol/json-web-keys.ts";
import { LogLine } from "../../../src/protocol/log-export.ts";
import { problemOf } from "../http/ask.ts";
import { somebody } from "../http/somebody.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { exchange, forked } from "./forks.ts";
import { type HeldModel, holdModel } from "./held-model.ts";
import { fillJournal } from "./long-journal.ts";
import { stateOf } from "./thread-state.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});
afterEach(async () => {
  vi.restoreAllMocks();
  model = await holdModel();
});

async function logOf(thread: Conversation, asked: object = {}): Promise<string> {
  const answer = await thread.ask("/log", asked);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
  return await answer.text();
}

function linesOf(text: string): LogLine[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => LogLine.parse(JSON.parse(line)));
}

/** @returns the events of an export, as events. */
function eventsOf(text: string): LoggedEvent[] {
  return linesOf(text).flatMap((line) =>
    line.kind === "event" ? [LoggedEvent.parse(line.event)] : [],
  );
}

/** @returns a thread in which so much was said. */
async function spoken(...questions: string[]): Promise<Conversation> {
  const thread = await beginThread();
  const client = await thread.connect();
  for (const question of questions) await exchange(model, client, [question, "Ja – 😀, 12.50 €."]);
  client.close();
  await thread.settled();
  return thread;
}

function meddle(thread: Conversation, query: string): Promise<void> {
  return runInDurableObject(thread.object, (_, { storage }) => {
    storage.sql.exec(query);
  });
}

describe("what somebody does to the storage is named by its seq", () => {
  it.each([
    [
      "an event changed in place",
      "UPDATE journal SET events = replace(events, '12.50', '99.50') WHERE events LIKE '%12.50%'",
    ],
    ["a commit removed", "DELETE FROM journal WHERE id = (SELECT max(id) - 1 FROM journal)"],
  ])("%s", async (_, query) => {
    const thread = await spoken("proves", "itself");
    const before = eventsOf(await logOf(thread));
    await meddle(thread, query);
    const left = eventsOf(await logOf(thread));
    const touched = before.find(
      (event, index) => JSON.stringify(event) !== JSON.stringify(left[index]),
    );
    expect(touched?.seq).toBeGreaterThan(1);
    expect(await verifyLog(await logOf(thread), null)).toMatchObject({ at: touched?.seq });
  });
});

describe("the export is refused", () => {
  it("to everybody but its owner, like a thread that is not there", async () => {
    const thread = await spoken("secret");
    const { access_token: token } = await somebody();
    expect(await problemOf(await thread.ask("/log", { token }))).toMatchObject({
      code: "not_found",
    });
  });

  it("once the thread is deleted", async () => {
    const thread = await spoken("soon gone");
    await thread.ask("", { method: "DELETE" });
    expect(await problemOf(await thread.ask("/log"))).toMatchObject({ code: "not_found" });
  });
});

describe("the export", () => {
  it("is every event as it was told, and verifies, over lives of the object", async () => {
    const thread = await spoken("before the death");
    await thread.die();
    const client = await thread.connect();
    await exchange(model, client, ["after it", "Yes."]);
    const text = await logOf(thread);

    expect(eventsOf(text)).toEqual((await stateOf(thread)).journal);
    expect(await verifyLog(text, null)).toMatchObject({
      fault: null,
      fromAnchor: true,
      head: { first_seq: 1, thread_id: thread.threadId },
      end: { verifiable_by: "operator" },
    });
  });

  it("is signed by the key pair, whose public half proves it", async () => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const key = PrivateJwk.parse({
      ...(await exportJWK(privateKey)),
      alg: "ES256",
      kid: "2026-11",
    });
    const bindings = { JWT_SIGNING_KEYS: JSON.stringify([key]) };
    const thread = await spoken("signed");
    const text = await logOf(thread, { bindings });
    const ring = { jwtSecret: undefined, signingKeys: [key] };

    expect(keyRing(ring).signing.kid).toBe("2026-11");
    const { keys } = publicKeys(ring);
    expect(await verifyLog(text, keys)).toMatchObject({ fault: null, signed: true });
    expect(await verifyLog(await logOf(thread), keys)).toMatchObject({ at: "end" });
  });

  it("of a journal that was trimmed begins with the hash of what is forgotten", async () => {
    const thread = await spoken("forgotten", "kept");
    const whole = linesOf(await logOf(thread));
    await meddle(thread, "DELETE FROM journal WHERE id <= 4");
    const text = await logOf(thread);
    const [head] = linesOf(text);
    if (head?.kind !== "head") throw new Error("no head");

    expect(head.first_seq).toBeGreaterThan(1);
    expect(whole[head.first_seq - 1]).toMatchObject({ hash: head.hash_before });
    expect(await verifyLog(text, null)).toMatchObject({ fault: null, fromAnchor: false });
  });

  it("of a thread older than its chain begins behind what was not chained", async () => {
    const thread = await spoken("old");
    await meddle(thread, "UPDATE journal SET chain = NULL");
    await runInDurableObject(thread.object, (_, { storage }) => fillJournal(storage.sql, 30));
    const client = await thread.connect();
    expect(await verifyLog(await logOf(thread), null)).toMatchObject({
      fault: null,
      end: { events: 0, last_seq: 30 },
    });
    await exchange(model, client, ["new", "Yes."]);
    expect(await verifyLog(await logOf(thread), null)).toMatchObject({
      fault: null,
      fromAnchor: true,
      head: { first_seq: 31 },
    });
  });

  it("of a fork begins behind what was copied", async () => {
    const thread = await beginThread();
    const { answer } = await exchange(model, await thread.connect(), ["copied", "Yes."]);
    const copy = await forked(thread, { message_id: answer });
    expect(await verifyLog(await logOf(copy), null)).toMatchObject({
      fault: null,
      fromAnchor: true,
      head: { first_seq: 3 },
    });
  });

  it("of a long log comes in pages, and is whole", async () => {
    const thread = await spoken("long");
    for (let round = 0; round < 201; round += 1) {
      await thread.object.announceUpdate({ title: `Title ${round}`, metadata: {} });
    }
    const found = await verifyLog(await logOf(thread), null);
    expect(found).toMatchObject({ fault: null, fromAnchor: true });
    expect((await stateOf(thread)).journal.length).toBeGreaterThan(201);
  });
});
