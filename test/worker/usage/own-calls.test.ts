/** The product's own calls of models: saved beside their run, once, in the workspace it worked for. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { z } from "zod";
import type { Step } from "../../../src/core/checkpoint.ts";
import { newId } from "../../../src/core/clock.ts";
import { historyDatabase } from "../../../src/durable/history-database.ts";
import {
  MessageId,
  type RunId,
  RunId as RunIdOf,
  UserId,
  WorkspaceId,
} from "../../../src/protocol/ids.ts";
import { History } from "../../../src/store/history.ts";
import { consoleLog } from "../../../src/telemetry/log.ts";
import { callsOf } from "../../../src/thread/own-calls.ts";
import { ownUsageWriter } from "../../../src/usage/own-usage-writer.ts";
import { standing } from "../../unit/usage/workspaces.ts";
import { beginThread } from "../thread/conversation.ts";

const usageOf = { db: env.DB, clickhouse: null, log: consoleLog };

const usage = {
  inputTokens: 1_000,
  cachedInputTokens: 400,
  outputTokens: 50,
  reasoningTokens: 20,
  estimated: false,
};
const model = (of: typeof usage): Step => ({ kind: "model", text: "", tool_calls: [], usage: of });
const STEPS: readonly Step[] = [
  model(usage),
  model({ ...usage, outputTokens: 70 }),
  {
    kind: "end",
    status: "cancelled",
    text: "",
    usage: { ...usage, estimated: true },
    problem: null,
    at: 5,
  },
];
const STARTED = Date.UTC(2026, 9, 1);

const runOf = (run_id: RunId, workspace_id: WorkspaceId | null) => ({
  ...{ run_id, workspace_id, started_at: STARTED, accepted_at: STARTED - 5 },
  ...{ model: "gpt-5-mini", agent: "supervisor" },
});

const Rows = z.array(z.looseObject({ record_id: z.string(), cost_computed: z.number() }));

async function storedIn(workspaceId: string) {
  const query = env.DB.prepare(
    "SELECT * FROM usage_records WHERE workspace_id = ? ORDER BY record_id",
  );
  return Rows.parse((await query.bind(workspaceId).all()).results);
}

it("a model that answers offline was never called", () => {
  const userId = UserId.parse("ada");
  const run = runOf(RunIdOf.parse("thread.1"), null);
  expect(callsOf(run, STEPS, { userId, model: { provider: "demo" } })).toEqual([]);
});

it("each call is a record of its run's workspace, the one that broke off too, however often it is saved", async () => {
  const thread = await beginThread();
  const userId = thread.owner.user.id;
  const team = WorkspaceId.parse(newId());
  await standing(env.DB, team);
  const run_id = RunIdOf.parse(`${thread.threadId}.1`);
  const calls = callsOf(runOf(run_id, team), STEPS, { userId, model: { provider: "openai" } });
  expect(calls).toHaveLength(3);
  const at = new Date(STARTED).toISOString();
  const id = (name: string) => MessageId.parse(name);
  const run = {
    ...{ id: run_id, thread_id: thread.threadId, message_id: id("m"), answer_id: id("a") },
    ...{
      status: "completed" as const,
      agent: "supervisor",
      model: "gpt-5-mini",
      usage: null,
      results: null,
    },
    ...{ problem: null, created_at: at, started_at: at, completed_at: at },
  };
  const history = new History(
    historyDatabase(env, userId),
    userId,
    ownUsageWriter(usageOf, userId),
  );
  await history.save([{ kind: "run", version: 9, run, calls }]);
  const saved = await storedIn(team);
  expect(saved).toMatchObject([
    {
      record_id: `apex-edge:${run_id}.1`,
      feature: "apex-edge",
      input_tokens: 1_000,
      cache_read_tokens: 400,
      status: "ok",
      ts: STARTED,
    },
    { record_id: `apex-edge:${run_id}.2`, output_tokens: 70, source: "apex-edge" },
    { record_id: `apex-edge:${run_id}.3`, status: "error", source: "apex-edge, estimated" },
  ]);
  expect(saved.every(({ cost_computed }) => cost_computed > 0)).toBe(true);
  await history.save([{ kind: "run", version: 9, run, calls }]);
  expect(await storedIn(team)).toEqual(saved);

  const ended = WorkspaceId.parse(newId());
  const left = callsOf(runOf(run_id, ended), STEPS, { userId, model: { provider: "openai" } });
  await history.save([{ kind: "run", version: 10, run, calls: left }]);
  expect(await storedIn(ended)).toEqual([]);

  const gone = UserId.parse(newId());
  const late = new History(historyDatabase(env, gone), gone, ownUsageWriter(usageOf, gone));
  const others = callsOf(runOf(RunIdOf.parse("other.1"), null), STEPS, {
    userId: gone,
    model: { provider: "openai" },
  });
  await late.save([{ kind: "run", version: 9, run, calls: others }]);
  expect(await storedIn(gone)).toEqual([]);
});
