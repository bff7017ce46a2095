/** A user's feed through a power cut in the middle of runs: every run's start and end, once, in one order. */
import { createParser } from "eventsource-parser";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FeedEvent, FeedFrame } from "../../src/protocol/account-feed.ts";
import { newPerson, type Person } from "./person.ts";
import { LITTLE_USAGE, type Product, startProduct, temporaryState } from "./product.ts";
import { eventually } from "./within.ts";

const THREADS = 3;
/** Slow enough that the power is cut in the middle of every answer. */
const PACE = { ...LITTLE_USAGE, DEMO_PACE_MS: "50" };

let state: Awaited<ReturnType<typeof temporaryState>>;
let product: Product;

beforeAll(async () => {
  state = await temporaryState();
  product = await startProduct(state.path, PACE);
});

afterAll(async () => {
  await product?.kill();
  await state.remove();
});

/** Follows the feed until it breaks. @param lastEventId where to resume. */
async function followFeed(person: Person, lastEventId?: string) {
  const frames: FeedFrame[] = [];
  const seen = { lastEventId: lastEventId ?? "" };
  const parser = createParser({
    onEvent({ id, data }) {
      frames.push(FeedFrame.parse(JSON.parse(data)));
      if (id !== undefined) seen.lastEventId = id;
    },
  });
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  const response = await person.request("GET", "/api/events/stream", undefined, headers);
  const over = (async () => {
    const texts = response.body?.pipeThrough(new TextDecoderStream()) ?? [];
    for await (const text of texts) parser.feed(text);
  })().catch(() => undefined);
  return {
    seen,
    over,
    frames,
    get told() {
      return frames.flatMap((frame) => FeedEvent.safeParse(frame).data ?? []);
    },
    /** Waits until so many events of a type were told. */
    until: (type: FeedEvent["type"], count: number) =>
      eventually(
        () => frames.filter((frame) => frame.type === type).length >= count || undefined,
        () => frames.map((frame) => frame.type).join(" "),
      ),
  };
}

test("through a power cut it tells each run's start and end once, and goes on after the last seen", async () => {
  const person = await newPerson(product.url);
  const before = await followFeed(person);
  const threads = await Promise.all(Array.from({ length: THREADS }, () => person.newThread()));
  const runs = await Promise.all(threads.map((id) => person.say(id, "Tokens used, by team?")));
  await before.until("run_started", THREADS);
  await product.kill();
  await before.over;
  product = await startProduct(state.path, PACE);

  const back = await newPerson(product.url, person.email);
  const after = await followFeed(back, before.seen.lastEventId);
  const ended = before.told.filter(({ type }) => type === "run_ended").length;
  await after.until("run_ended", THREADS - ended);
  expect(after.frames[0]).toMatchObject({ data: { recovered: true } });
  const told = [...before.told, ...after.told];
  expect(told.map(({ seq }) => seq)).toEqual(told.map((_, index) => index + 1));
  for (const { run_id } of runs) {
    const own = told.filter(({ context }) => context.run_id === run_id);
    expect(own.map(({ type }) => type)).toEqual(["run_started", "run_ended"]);
  }
  const named = told.filter(({ type }) => type === "thread_updated");
  expect(new Set(named.map(({ context }) => context.thread_id))).toEqual(new Set(threads));
  expect(told).toHaveLength(3 * THREADS);
});
