/** What summing up costs: in the ledger, the budget, the day's quota and the usage records, each once. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { z } from "zod";
import type { ModelRequest } from "../../../src/core/model.ts";
import { accountObjectName } from "../../../src/durable/names.ts";
import { AccountLimits } from "../../../src/protocol/account.ts";
import { Budget, Ledger } from "../../../src/protocol/budget.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import { ask } from "../http/ask.ts";
import { eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { objectEnv } from "./held-model.ts";
import { stateOf } from "./thread-state.ts";

/** Exchanges until eight are left out of what a model is told. */
const EXCHANGES = 9;
const LONG_ANSWER = "word ".repeat(200);
const USED = {
  ...{ inputTokens: 100, cachedInputTokens: 0, outputTokens: 10, reasoningTokens: 0 },
  estimated: false,
};
/** In US$ a call. */
const PRICE = 0.001;

/** @returns whether a model is asked for a summary rather than for an answer. */
const sumsUp = ({ messages }: ModelRequest) =>
  messages[0]?.content.startsWith("You sum up") === true;

let summaries = 0;
beforeEach(async () => {
  summaries = 0;
  const { model } = portsOf(await objectEnv());
  vi.spyOn(model, "provider", "get").mockReturnValue("openai");
  // One that holds the newest exchange alone; the demo's is not known.
  Object.assign(model, { window: () => 800 });
  vi.spyOn(model, "cost").mockReturnValue(PRICE);
  vi.spyOn(model, "stream").mockImplementation(async function* (request) {
    if (sumsUp(request)) summaries += 1;
    yield { type: "text", text: sumsUp(request) ? "They asked for costs." : LONG_ANSWER };
    yield { type: "usage", usage: USED };
    yield { type: "finish", reason: "stop" };
  });
});
afterEach(async () => {
  Object.assign(portsOf(await objectEnv()).model, { window: undefined });
  vi.restoreAllMocks();
});

/** Asks until the thread is long enough to be summed up once. */
async function askAll(thread: Conversation): Promise<void> {
  const client = await thread.connect();
  for (let asked = 1; asked <= EXCHANGES; asked += 1) {
    const { run_id } = await client.say(`Question ${asked}?`);
    await client.completed(run_id);
  }
  client.close();
}

async function read<Schema extends z.ZodType>(
  { owner }: Conversation,
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  return schema.parse(await (await ask(path, { token: owner.access_token })).json());
}

const accountOf = ({ owner }: Conversation) =>
  env.ACCOUNTS.getByName(accountObjectName(owner.user.id));

const Counted = z.object({ calls: z.number(), summaries: z.number() });

/** @returns how many calls of its own the product has among the user's usage records. */
async function recordsOf({ owner }: Conversation): Promise<z.infer<typeof Counted>> {
  const rows = await env.DB.prepare(
    `SELECT count(*) AS calls, count(*) FILTER (WHERE prompt_name = 'conversation_summary') AS summaries
     FROM usage_records WHERE record_id >= 'apex-edge:' AND workspace_id = ?`,
  )
    .bind(owner.user.id)
    .first();
  return Counted.parse(rows);
}

async function nothingLeftToDo(thread: Conversation): Promise<void> {
  await eventually(async () => {
    await thread.alarm();
    expect(summaries).toBe(1);
    expect(await stateOf(thread)).toMatchObject({ unfinished: [], outbox: 0, alarm: null });
  });
}

async function expectAddedUp(thread: Conversation): Promise<void> {
  const { data, total } = await read(thread, "/api/account/ledger?limit=100", Ledger);
  const made = data.filter(({ summary }) => summary === true);
  expect(made).toMatchObject([
    { thread_id: thread.threadId, status: "completed", usage: { cost_usd: PRICE, model_calls: 1 } },
  ]);
  expect(data.map(({ run_id }) => run_id)).toContain(made[0]?.run_id);
  expect(data).toHaveLength(EXCHANGES + 1);
  expect(total).toMatchObject({ runs: EXCHANGES, model_calls: EXCHANGES + 1 });
  expect(total.cost_usd).toBeCloseTo((EXCHANGES + 1) * PRICE);
  expect(total.input_tokens + total.output_tokens).toBe((EXCHANGES + 1) * 110);

  const budget = await read(thread, "/api/account/budget", Budget);
  expect(budget.spent_usd).toBeCloseTo(total.cost_usd);
  const { limits } = await read(thread, "/api/account/limits", AccountLimits);
  expect(limits.find(({ name }) => name === "tokens")?.used).toBe((EXCHANGES + 1) * 110);
  expect(await recordsOf(thread)).toEqual({ calls: EXCHANGES + 1, summaries: 1 });
}

it("is entered beside the runs, and everything adds up", async () => {
  const thread = await beginThread();
  await askAll(thread);
  await nothingLeftToDo(thread);
  await expectAddedUp(thread);
});

/** Has no summary taken by anybody's object. @returns what ends that. */
async function turnedAway(thread: Conversation) {
  return await runInDurableObject(accountOf(thread), (account) =>
    // What others may call stands in its class.
    vi
      .spyOn(Object.getPrototypeOf(account), "enter")
      .mockRejectedValue(new Error("The object is away.")),
  );
}

it("waits, in whichever life, until the user's object takes it", async () => {
  const thread = await beginThread();
  const tries = await turnedAway(thread);
  await askAll(thread);
  await eventually(async () => expect(tries).toHaveBeenCalled());
  tries.mockRestore();
  await thread.die();
  await nothingLeftToDo(thread);
  await expectAddedUp(thread);
});

it("is entered though its thread is deleted before that", async () => {
  const thread = await beginThread();
  const tries = await turnedAway(thread);
  await askAll(thread);
  await eventually(async () => expect(tries).toHaveBeenCalled());
  await thread.ask("", { method: "DELETE" });
  tries.mockRestore();
  await eventually(async () => {
    await runDurableObjectAlarm(thread.object);
    const { data } = await read(thread, "/api/account/ledger?limit=100", Ledger);
    expect(data.filter(({ summary }) => summary === true)).toHaveLength(1);
  });
});
