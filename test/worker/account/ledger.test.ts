/** The ledger adds up: whether an entry stands beside its event in the feed, or has outlived it. */
import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { succeeded } from "../../../src/core/outcome.ts";
import { LedgerEntry } from "../../../src/protocol/budget.ts";
import { MAX_REPLAY } from "../../../src/protocol/limits.ts";
import { TellingThread, type UserFeed, userFeed } from "./user-feed.ts";

const NOON = Date.UTC(2026, 10, 21, 12);
/** More runs than the feed keeps events. */
const RUNS = 2 * MAX_REPLAY + 150;
/** Notices in one delivery. */
const BATCH = 50;

async function endRuns(thread: TellingThread): Promise<void> {
  for (let done = 0; done < RUNS; done += BATCH) {
    const seqs = Array.from({ length: BATCH }, (_, index) => done + index + 1);
    const used = { input_tokens: 3, output_tokens: 4, cost_usd: 0.25 };
    await thread.tell(...seqs.map((seq) => thread.spent(seq, seq, used)));
  }
}

/** @returns the ids of all runs, as its pages tell them. */
async function pagesOf(feed: UserFeed): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = succeeded(await feed.object.ledgerPage({ limit: 100, cursor }));
    ids.push(...page.data.map(({ run_id }) => run_id));
    if (page.next_cursor === null) return ids;
    cursor = page.next_cursor;
  }
}

it("tells every run once, and the same sums, when the feed has forgotten most of their events, and in another life", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
  const feed = await userFeed();
  const thread = new TellingThread(feed);
  await endRuns(thread);
  const kept = await runInDurableObject(feed.object, (_, { storage }) =>
    storage.sql.exec("SELECT count(*) AS outlived FROM ledger").one(),
  );
  expect(kept.outlived).toBeGreaterThan(0);
  expect(kept.outlived).toBeLessThan(RUNS);
  for (const life of ["this", "the next"]) {
    const ids = await pagesOf(feed);
    expect(ids, life).toHaveLength(RUNS);
    expect(new Set(ids).size, life).toBe(RUNS);
    const { total, days } = succeeded(await feed.object.ledger({ limit: 1 }));
    const sums = { runs: RUNS, input_tokens: 3 * RUNS, output_tokens: 4 * RUNS };
    expect(total, life).toMatchObject({ ...sums, cost_usd: RUNS / 4 });
    expect(days, life).toMatchObject([{ day: "2026-11-21", ...sums }]);
    expect(await feed.object.budget(), life).toMatchObject({ spent_usd: RUNS / 4 });
    const limits = succeeded(await feed.object.limits({ tier: "free", organizationId: null }));
    expect(
      limits.limits.find(({ name }) => name === "tokens"),
      life,
    ).toMatchObject({
      used: 7 * RUNS,
    });
    await feed.die();
  }
  vi.useRealTimers();
});

it("takes what a summary used beside its run, once, and counts it as no run", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
  const feed = await userFeed();
  const thread = new TellingThread(feed);
  const notice = thread.spent(2, 1, { input_tokens: 3, output_tokens: 4, cost_usd: 0.25 });
  await thread.tell(notice);
  const entry = LedgerEntry.parse({
    ...notice.ended,
    thread_id: thread.threadId,
    ended_at: new Date(NOON + 1).toISOString(),
    summary: true,
  });
  await feed.object.enter(entry);
  await feed.object.enter(entry);
  const { data, total } = succeeded(await feed.object.ledger({ limit: 10 }));
  expect(data.map(({ summary }) => summary)).toEqual([true, undefined]);
  expect(total).toMatchObject({ runs: 1, model_calls: 2, cost_usd: 0.5 });
  expect(await feed.object.budget()).toMatchObject({ spent_usd: 0.5 });
  const limits = succeeded(await feed.object.limits({ tier: "free", organizationId: null }));
  expect(limits.limits.find(({ name }) => name === "tokens")).toMatchObject({ used: 14 });
  vi.useRealTimers();
});
