/** The outbox of webhooks, over a real receiver: at least once, with growing pauses, and not for ever. */
import { afterEach, expect, test } from "vitest";
import { Courier } from "../../../src/account/courier.ts";
import { WebhookId } from "../../../src/protocol/ids.ts";
import type { WebhookDelivery } from "../../../src/protocol/webhooks.ts";
import type { NewDelivery } from "../../../src/store/webhooks.ts";
import { newSecret } from "../../../src/webhooks/send.ts";
import { FakeClock } from "../core/fake-clock.ts";
import { memoryLog } from "../core/memory-log.ts";
import { type Answer, Receiver } from "../webhooks/receiver.ts";

type Row = WebhookDelivery & { payload: string; next_at: number | null };

/** The rows of D1 in memory. */
class MemoryDeliveries {
  readonly rows = new Map<string, Row>();
  readonly #to: { readonly url: string; readonly secret: string };

  constructor(to: { readonly url: string; readonly secret: string }) {
    this.#to = to;
  }

  async add(delivery: NewDelivery, now: number): Promise<void> {
    if (this.rows.has(delivery.id)) return;
    const fresh = { status: "pending", attempts: 0, last_status: null, last_error: null } as const;
    const updated_at = delivery.created_at;
    this.rows.set(delivery.id, { ...delivery, ...fresh, updated_at, next_at: now });
  }

  async replay(webhookId: WebhookId, id: string, now: number): Promise<boolean> {
    const row = this.rows.get(id);
    if (row?.webhook_id !== webhookId) return false;
    if (row.next_at === null) {
      this.rows.set(id, { ...row, status: "pending", attempts: 0, next_at: now });
    }
    return true;
  }

  async due(now: number) {
    return [...this.rows.values()]
      .filter(({ next_at }) => next_at !== null && next_at <= now)
      .map(({ id, payload, attempts }) => ({ id, payload, attempts, ...this.#to }));
  }

  async nextAt(): Promise<number | null> {
    const times = [...this.rows.values()].flatMap(({ next_at }) => next_at ?? []);
    return times.length === 0 ? null : Math.min(...times);
  }

  async record(id: string, tried: Partial<Row>): Promise<void> {
    const row = this.rows.get(id);
    if (row !== undefined) this.rows.set(id, { ...row, ...tried });
  }

  async delivery(id: string): Promise<WebhookDelivery | null> {
    return this.rows.get(id) ?? null;
  }
}

const open: Receiver[] = [];
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.close();
});

async function courierTo(...answers: readonly Answer[]) {
  const receiver = await Receiver.open(...answers);
  open.push(receiver);
  const clock = new FakeClock();
  const rows = new MemoryDeliveries({ url: receiver.url, secret: newSecret() });
  const wakes: number[] = [];
  const courier = new Courier({
    rows,
    send: { fetch: (request) => fetch(request), now: () => clock.now(), isDevelopment: true },
    clock,
    log: memoryLog(),
    wakeBy: (at) => wakes.push(at),
  });
  return { courier, receiver, clock, rows, wakes };
}

const delivery = {
  id: "msg_1",
  webhook_id: WebhookId.parse("webhook-1"),
  type: "report.published",
  created_at: "2026-01-01T00:00:00.000Z",
  payload: "{}",
} as const;

test("what is taken is delivered at once, and the same is sent once", async () => {
  const { courier, receiver } = await courierTo({ status: 200 });
  expect(await courier.take(delivery)).toMatchObject({ status: "delivered", attempts: 1 });
  expect(await courier.take(delivery)).toMatchObject({ status: "delivered", attempts: 1 });
  expect(receiver.received).toHaveLength(1);
});

test("the alarm stands before the row does", async () => {
  const { courier, rows, wakes } = await courierTo({ status: 200 });
  let stood = 0;
  const add = rows.add.bind(rows);
  rows.add = async (...given) => {
    stood = wakes.length;
    await add(...given);
  };
  await courier.take(delivery);
  expect(stood).toBe(1);
});

test("failures are tried again under the same id, with growing pauses, until it is taken", async () => {
  const failing = { status: 500 };
  const { courier, receiver, clock, rows, wakes } = await courierTo(failing, failing, failing, {
    status: 204,
  });
  expect(await courier.take(delivery)).toMatchObject({ status: "pending", last_status: 500 });
  const pauses: number[] = [];
  while (rows.rows.get("msg_1")?.status === "pending") {
    const next = (await rows.nextAt()) ?? 0;
    expect(wakes.at(-1)).toBe(next);
    await courier.flush();
    expect(receiver.received).toHaveLength(pauses.length + 1);
    pauses.push(next - clock.now());
    await clock.advance(next - clock.now());
    await courier.flush();
  }

  expect(rows.rows.get("msg_1")).toMatchObject({ status: "delivered", attempts: 4, next_at: null });
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  for (const [index, pause] of pauses.entries()) {
    expect(pause).toBeGreaterThanOrEqual(2_500 * 2 ** index);
    expect(pause).toBeLessThanOrEqual(5_000 * 2 ** index);
  }
});

test("what is never taken is a dead letter in the end, and is left in peace", async () => {
  const { courier, receiver, clock, rows } = await courierTo({ status: 503 });
  await courier.take(delivery);
  for (let tries = 0; tries < 50; tries += 1) {
    await clock.advance(60 * 60_000);
    await courier.flush();
  }
  expect(rows.rows.get("msg_1")).toMatchObject({
    status: "dead",
    attempts: 12,
    last_status: 503,
    last_error: "It refused",
    next_at: null,
  });
  expect(receiver.received).toHaveLength(12);
});

test("where the rows are away nothing is lost: the alarm comes again", async () => {
  const { courier, clock, rows, wakes } = await courierTo({ status: 200 });
  rows.due = () => Promise.reject(new Error("away"));
  expect(await courier.take(delivery)).toMatchObject({ status: "pending", attempts: 0 });
  expect(wakes.at(-1)).toBe(clock.now() + 30_000);
});

test("what was delivered is sent once more on demand, under the same id; what is not there is not", async () => {
  const { courier, receiver } = await courierTo({ status: 200 });
  await courier.enqueue([delivery]);
  expect(await courier.replay(delivery.webhook_id, delivery.id)).toMatchObject({
    status: "delivered",
    attempts: 1,
  });
  expect(await courier.replay(WebhookId.parse("webhook-2"), delivery.id)).toBeNull();
  expect(receiver.received).toHaveLength(2);
});

test("a delivery names the trace it came to be in, in each of its tries, and one without names none", async () => {
  const { courier, receiver, clock, rows } = await courierTo({ status: 500 }, { status: 204 });
  const trace = { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: true, state: "v=1" };
  await courier.take({ ...delivery, trace });
  await clock.advance(((await rows.nextAt()) ?? 0) - clock.now());
  await courier.flush();
  await courier.take({ ...delivery, id: "msg_2" });
  const told = receiver.received.map(({ headers }) => [headers.traceparent, headers.tracestate]);
  const traceparent = `00-${trace.traceId}-${trace.spanId}-01`;
  expect(told.slice(0, 2)).toEqual([
    [traceparent, undefined],
    [traceparent, undefined],
  ]);
  expect(told.slice(2)).toEqual([[undefined, undefined]]);
});
