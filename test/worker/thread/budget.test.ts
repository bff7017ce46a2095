/** What runs may cost, and the ledger of what they did: it adds up to what every run told of itself. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { priceOf } from "../../../src/models/prices.ts";
import { Budget, Ledger } from "../../../src/protocol/budget.ts";
import type { RunUsage } from "../../../src/protocol/entities.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import { ask, problemOf } from "../http/ask.ts";
import { somebody } from "../http/somebody.ts";
import { eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel, objectEnv } from "./held-model.ts";

/** A model with a list price: US$ 2 for a million tokens that it writes. */
const PRICED = "gpt-5-mini";
const WORDS = "word ".repeat(200);

let model: HeldModel;
beforeEach(async () => {
  model = await holdModel();
  const port = portsOf(await objectEnv()).model;
  vi.spyOn(port, "cost").mockImplementation((_, usage) => priceOf(PRICED, usage));
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function ledgerOf({ owner }: Conversation, query = ""): Promise<Ledger> {
  const answer = await ask(`/api/account/ledger${query}`, { token: owner.access_token });
  return Ledger.parse(await answer.json());
}

async function setBudget({ owner }: Conversation, monthly_usd: number | null): Promise<Budget> {
  const asked = { method: "PUT", body: { monthly_usd }, token: owner.access_token };
  return Budget.parse(await (await ask("/api/account/budget", asked)).json());
}

/** Has a question answered with words that never end, until the run does. */
async function flood(thread: Conversation, question: string, more: object = {}) {
  const client = await thread.connect();
  const { run_id } = await client.say(question, more);
  const turn = await model.turn(question);
  const ended = client.completed(run_id);
  for (let piece = 0; piece < 500 && !turn.ended; piece += 1) {
    turn.write(WORDS);
    await systemClock.sleep(1);
  }
  const { data } = await ended;
  expect(turn.ended).toBe(true);
  client.close();
  return data;
}

describe("a run past what it may cost", () => {
  it("is stopped in mid-stream, keeps what it wrote, and says so", async () => {
    const thread = await beginThread();
    const data = await flood(thread, "endless", { max_cost_usd: 0.005 });

    expect(data).toMatchObject({
      status: "failed",
      problem: { code: "budget_exceeded", status: 402, detail: expect.stringContaining("$0.005") },
      usage: { estimated: true },
    });
    expect(data.final_response.length).toBeGreaterThan(5_000);
    // One stride beyond the budget at most, and what the model reads is priced as well.
    expect(data.usage.cost_usd).toBeGreaterThan(0.005);
    expect(data.usage.cost_usd).toBeLessThan(0.006);
  });

  it("is stopped though its object died in between", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("endless, twice", { max_cost_usd: 0.005 });
    (await model.turn("endless, twice")).write(WORDS);
    await client.frame("message_delta");
    await thread.die();
    await thread.connect();
    const turn = await model.turn("endless, twice", 2);
    for (let piece = 0; piece < 500 && !turn.ended; piece += 1) {
      turn.write(WORDS);
      await systemClock.sleep(1);
    }
    await eventually(async () => {
      expect(await thread.run(run_id)).toMatchObject({
        status: "failed",
        problem: { code: "budget_exceeded" },
      });
    });
  });

  it("is one that uses up the month, whatever it was allowed itself; then messages are refused", async () => {
    const thread = await beginThread();
    expect(await setBudget(thread, 0.005)).toMatchObject({ remaining_usd: 0.005, spent_usd: 0 });
    const data = await flood(thread, "all at once", { max_cost_usd: 5 });
    expect(data).toMatchObject({ status: "failed", problem: { code: "budget_exceeded" } });

    await eventually(async () => expect((await ledgerOf(thread)).total.runs).toBe(1));
    const before = await thread.rowCounts();
    const refused = await thread.ask("/messages", { body: { content: "more" } });
    expect(await problemOf(refused)).toMatchObject({ code: "budget_exceeded", status: 402 });
    expect(await thread.rowCounts()).toMatchObject({ runs: before.runs });

    await setBudget(thread, null);
    expect((await thread.ask("/messages", { body: { content: "more" } })).status).toBe(202);
  });
});

describe("what is left of a month", () => {
  it("is less by what the runs under way are expected to cost, each as the month's average", async () => {
    const thread = await beginThread();
    const other = await beginThread(thread.owner);
    const first = await flood(thread, "costs as much as any", { max_cost_usd: 0.005 });
    await eventually(async () => expect((await ledgerOf(thread)).total.runs).toBe(1));
    const average = first.usage.cost_usd ?? Number.NaN;
    // There is enough for one that costs as much, and for half of another.
    await setBudget(thread, average * 2.5);
    const client = await thread.connect();
    await client.say("under way");
    const turn = await model.turn("under way");

    const data = await flood(other, "gets the half");
    expect(data).toMatchObject({ status: "failed", problem: { code: "budget_exceeded" } });
    expect(data.usage.cost_usd).toBeGreaterThan(average * 0.5);
    expect(data.usage.cost_usd).toBeLessThan(average * 0.5 + 0.001);
    turn.end("Done.");
    client.close();
  });

  it("is nothing where they are expected to use it up, and there again when they did not", async () => {
    const thread = await beginThread();
    const other = await beginThread(thread.owner);
    await setBudget(thread, 0.005);
    const client = await thread.connect();
    const { run_id } = await client.say("may use it all");
    const turn = await model.turn("may use it all");
    const say = () => other.ask("/messages", { body: { content: "me too" } });
    const refused = await say();
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(await problemOf(refused)).toMatchObject({ code: "budget_exceeded", status: 402 });
    turn.end("Done.");
    await client.completed(run_id);
    await eventually(async () => expect((await say()).status).toBe(202));
    client.close();
  });
});

describe("a budget", () => {
  it.each([0, -1, 1e9, "5", undefined])("of %j is refused", async (monthly_usd) => {
    const { access_token: token } = await somebody();
    const asked = { method: "PUT", body: { monthly_usd }, token };
    expect(await problemOf(await ask("/api/account/budget", asked))).toMatchObject({
      code: "invalid_fields",
    });
  });

  it("does not touch a run that stays within it", async () => {
    const thread = await beginThread();
    await setBudget(thread, 1);
    const client = await thread.connect();
    const { run_id } = await client.say("modest", { max_cost_usd: 0.5 });
    (await model.turn("modest")).end("Yes.");
    expect((await client.completed(run_id)).data).toMatchObject({ status: "completed" });
  });
});

describe("the ledger", () => {
  it("adds up to what the runs told: completed, cancelled, failed, stopped and retried ones", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const ends: RunUsage[] = [];
    const say = async (question: string) => {
      const { run_id } = await client.say(question);
      return { run_id, turn: await model.turn(question) };
    };
    const end = async (run_id: string) => {
      ends.push((await client.completed(run_id)).data.usage);
    };

    const completed = await say("completed");
    completed.turn.end("Yes.");
    await end(completed.run_id);
    const cancelled = await say("cancelled");
    cancelled.turn.write(WORDS);
    await client.frame("message_delta", ({ text }) => text.startsWith("word"));
    client.send({ type: "cancel", run_id: cancelled.run_id });
    await end(cancelled.run_id);
    const failed = await say("failed");
    failed.turn.write(WORDS);
    failed.turn.fail(new ApexError("model_unavailable", "The model is away."));
    await end(failed.run_id);
    const retried = await say("retried");
    retried.turn.write(WORDS);
    retried.turn.restart();
    retried.turn.end("Yes, again.");
    await end(retried.run_id);
    ends.push((await flood(thread, "stopped", { max_cost_usd: 0.005 })).usage);

    await eventually(async () => expect((await ledgerOf(thread)).total.runs).toBe(5));
    const { data, total, days } = await ledgerOf(thread);
    expect(data.map(({ status }) => status).toSorted()).toEqual(
      [...["cancelled", "completed", "failed", "failed"], "completed"].toSorted(),
    );
    expect(data.toReversed().map(({ usage }) => usage)).toEqual(ends);
    const sum = (of: (usage: RunUsage) => number) =>
      ends.reduce((before, usage) => before + of(usage), 0);
    expect(total).toMatchObject({
      runs: 5,
      unpriced_runs: 0,
      estimated_runs: ends.filter(({ estimated }) => estimated).length,
      input_tokens: sum((usage) => usage.input_tokens),
      output_tokens: sum((usage) => usage.output_tokens),
      model_calls: sum((usage) => usage.model_calls),
    });
    expect(total.cost_usd).toBeCloseTo(
      sum((usage) => usage.cost_usd ?? 0),
      12,
    );
    expect(days.reduce((before, day) => before + day.cost_usd, 0)).toBeCloseTo(total.cost_usd, 12);
  });

  it("outlives its threads, comes in pages, and is nobody else's", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    for (const question of ["one", "two", "three"]) {
      const { run_id } = await client.say(question);
      (await model.turn(question)).end("Yes.");
      await client.completed(run_id);
    }
    await thread.settled();
    await thread.ask("", { method: "DELETE" });

    const first = await ledgerOf(thread, "?limit=2");
    expect(first.data).toHaveLength(2);
    const rest = await ledgerOf(thread, `?limit=2&cursor=${first.next_cursor}`);
    expect(rest).toMatchObject({ next_cursor: null, total: { runs: 3 } });
    expect(new Set([...first.data, ...rest.data].map(({ run_id }) => run_id)).size).toBe(3);
    expect(await ledgerOf(await beginThread())).toMatchObject({ data: [], total: { runs: 0 } });
  });

  it("refuses a cursor that it did not give out, and begins nothing anew for it", async () => {
    const { owner } = await beginThread();
    for (const cursor of ["x", btoa(JSON.stringify([1, "run"])), "%00", "9".repeat(256)]) {
      const answer = await ask(`/api/account/ledger?cursor=${cursor}`, {
        token: owner.access_token,
      });
      expect(await problemOf(answer), cursor).toMatchObject({
        status: 422,
        code: "invalid_fields",
        errors: [{ field: "cursor" }],
      });
    }
  });
});
