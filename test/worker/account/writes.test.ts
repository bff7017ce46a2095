/** What a turn costs its user's object: the rows that it writes, and the requests that it is asked. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Account } from "../../../src/account/account-object.ts";
import { ask } from "../http/ask.ts";
import { eventually } from "../thread/client.ts";
import { beginThread } from "../thread/conversation.ts";
import { type HeldModel, holdModel } from "../thread/held-model.ts";
import { countObject } from "../thread/row-count.ts";
import { FeedStream, userFeed } from "./user-feed.ts";

let model: HeldModel;
beforeEach(async () => {
  model = await holdModel();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A thread that has its name: something was said and answered in it. */
async function namedThread() {
  const thread = await beginThread();
  const client = await thread.connect();
  const first = await client.say("names the thread");
  (await model.turn("names the thread")).end("Hello.");
  await client.completed(first.run_id);
  await thread.settled();
  return { thread, client };
}

/** Has a question answered in 250 pieces, and expects what that costs the account. */
async function expectCosts(
  { thread, client }: Awaited<ReturnType<typeof namedThread>>,
  question: string,
  costs: { readonly journal: number; readonly announce: number },
): Promise<void> {
  const { object } = await userFeed(thread.owner);
  const written = await countObject(object);
  const reserve = vi.spyOn(Account.prototype, "reserve");
  const announce = vi.spyOn(Account.prototype, "announce");
  const { run_id } = await client.say(question);
  const turn = await model.turn(question);
  for (let piece = 0; piece < 250; piece += 1) turn.write("word ");
  turn.end();
  await client.completed(run_id);
  await eventually(async () => expect(await written()).toEqual({ journal: costs.journal }));
  expect(reserve.mock.calls).toHaveLength(1);
  expect(announce.mock.calls).toHaveLength(costs.announce);
}

it("a turn writes one row there, in two requests, however many pieces it comes in: its beginning is told with its end", async () => {
  await expectCosts(await namedThread(), "a turn", { journal: 1, announce: 1 });
});

it("it writes two, in three requests, where somebody hears of its beginning at once", async () => {
  const named = await namedThread();
  const feed = new FeedStream(
    await ask("/api/events/stream", { token: named.thread.owner.access_token }),
  );
  const { last_seq } = await feed.ready();
  await expectCosts(named, "a turn that is heard of", { journal: 2, announce: 2 });
  await feed.until((frame) => frame.seq === last_seq + 2);
  const told = feed.told.filter(({ seq }) => seq > last_seq);
  expect(told.map(({ type }) => type)).toEqual(["run_started", "run_ended"]);
});
