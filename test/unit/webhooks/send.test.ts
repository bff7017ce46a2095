/** What a receiver gets, checked as receivers do: by the library of Standard Webhooks. */
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test } from "vitest";
import { newSecret, send } from "../../../src/webhooks/send.ts";
import { type Answer, Receiver } from "./receiver.ts";

const secret = newSecret();
const payload = JSON.stringify({ type: "report.published", data: { title: "Grüße 🚀" } });

const open: Receiver[] = [];
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.close();
});

async function receiverOf(...answers: readonly Answer[]): Promise<Receiver> {
  const receiver = await Receiver.open(...answers);
  open.push(receiver);
  return receiver;
}

function ports({ isDevelopment = true, deadlineMs = 5_000 } = {}) {
  return { fetch: (request: Request) => fetch(request), now: Date.now, isDevelopment, deadlineMs };
}

describe("a delivery", () => {
  test("is signed so that the standard's library verifies it, over the bytes that arrived", async () => {
    const receiver = await receiverOf({ status: 204 });
    const sending = { id: "msg_1", url: receiver.url, secret, payload };
    expect(await send(sending, ports())).toEqual({ delivered: true, status: 204 });

    const [got] = receiver.received;
    const headers = Object.fromEntries(
      Object.entries(got?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    expect(headers["webhook-id"]).toBe("msg_1");
    expect(new Webhook(secret).verify(got?.body ?? "", headers)).toEqual(JSON.parse(payload));
    expect(() => new Webhook(newSecret()).verify(got?.body ?? "", headers)).toThrow();
    expect(() => new Webhook(secret).verify(`${got?.body} `, headers)).toThrow();
    expect(() =>
      new Webhook(secret).verify(got?.body ?? "", { ...headers, "webhook-id": "msg_2" }),
    ).toThrow();
  });

  test("that is refused may be tried again; one to who is gone for good may not", async () => {
    const receiver = await receiverOf({ status: 500 }, { status: 404 }, { status: 410 });
    const sending = { id: "msg_1", url: receiver.url, secret, payload };
    expect(await send(sending, ports())).toMatchObject({ status: 500, final: false });
    expect(await send(sending, ports())).toMatchObject({ status: 404, final: false });
    expect(await send(sending, ports())).toMatchObject({ status: 410, final: true });
  });

  test.each([301, 302, 303, 307, 308])("follows no redirect, as %i", async (status) => {
    const target = await receiverOf({ status: 204 });
    const receiver = await receiverOf({ status, location: target.url });
    const sent = await send({ id: "msg_1", url: receiver.url, secret, payload }, ports());

    expect(sent).toMatchObject({ delivered: false, status });
    expect(target.received).toEqual([]);
  });

  test.each<[string, Answer]>([
    ["sends 100 MB and more", "endless"],
    ["claims 100 MB, and sends a word of them", { status: 200, claims: 104_857_600 }],
    ["claims a byte, and sends more", { status: 200, claims: 1 }],
  ])("to who %s is made by the status alone", async (_name, answer) => {
    const receiver = await receiverOf(answer);
    const sent = await send({ id: "msg_1", url: receiver.url, secret, payload }, ports());

    expect(sent).toEqual({ delivered: true, status: 200 });
  });

  test("waits no longer than it should, and for nobody who is not there", async () => {
    const receiver = await receiverOf("silent");
    const sending = { id: "msg_1", url: receiver.url, secret, payload };
    const patience = ports({ deadlineMs: 50 });
    expect(await send(sending, patience)).toMatchObject({ status: null, final: false });
    await receiver.close();
    expect(await send(sending, ports())).toMatchObject({ status: null, final: false });
  });

  test("to an address that must not be sent to is not even tried", async () => {
    const receiver = await receiverOf({ status: 204 });
    const sending = { id: "msg_1", url: receiver.url, secret, payload };
    const sent = await send(sending, ports({ isDevelopment: false }));

    expect(sent).toMatchObject({ delivered: false, status: null, final: true });
    expect(receiver.received).toEqual([]);
  });
});

test("a secret is one of the standard's, and never the same", () => {
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(newSecret()).not.toBe(secret);
});
