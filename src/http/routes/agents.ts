/** The agents: who there is, how each is set, how its runs stand, and work for one of them. */
import type { Context } from "hono";
import * as z from "zod";
import type { Agent } from "../../agents/agent.ts";
import { AGENT_NAMES, DEFAULT_AGENT, findAgent } from "../../agents/roster.ts";
import { historyDatabase } from "../../durable/history-database.ts";
import {
  AgentConfig,
  AgentDescription,
  AgentName,
  AgentStatus,
  AgentStatuses,
  Agents,
} from "../../protocol/agents.ts";
import { StartRunBody, WaitQuery } from "../../protocol/runs.ts";
import { type AgentRuns, Runs } from "../../store/runs.ts";
import { portsOf } from "../../thread/ports.ts";
import { defineRoute, requires } from "../define-route.ts";
import { describeTool } from "../describe-tool.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";
import { ACCEPTED, RUN_ANSWER } from "../run-answers.ts";
import { answerRun, startRun } from "../start-run.ts";

const tags = ["Agents"];
const params = z.object({ agent: AgentName });
const REFUSED = problems("unauthenticated", "token_invalid", "token_expired", "forbidden");

const list = defineRoute({
  method: "get",
  path: "/api/agents",
  tags,
  ...requires("runs:read"),
  summary: "The agents, the default first",
  responses: { 200: jsonAnswer(Agents, "The agents"), ...REFUSED },
});

const statuses = defineRoute({
  method: "get",
  path: "/api/agents/status",
  tags,
  ...requires("runs:read"),
  summary: "How every agent's runs stand, among one's own",
  responses: {
    200: jsonAnswer(AgentStatuses, "The agents' states"),
    ...REFUSED,
    ...problems("unavailable"),
  },
});

const describe = defineRoute({
  method: "get",
  path: "/api/agents/{agent}",
  tags,
  ...requires("runs:read"),
  summary: "An agent",
  request: { params },
  responses: {
    200: jsonAnswer(AgentDescription, "The agent"),
    ...REFUSED,
    ...problems("not_found"),
  },
});

const config = defineRoute({
  method: "get",
  path: "/api/agents/{agent}/config",
  tags,
  ...requires("runs:read"),
  summary: "How an agent is set: orders, models, tools",
  request: { params },
  responses: {
    200: jsonAnswer(AgentConfig, "The agent's settings"),
    ...REFUSED,
    ...problems("not_found"),
  },
});

const status = defineRoute({
  method: "get",
  path: "/api/agents/{agent}/status",
  tags,
  ...requires("runs:read"),
  summary: "How an agent's runs stand, among one's own",
  request: { params },
  responses: {
    200: jsonAnswer(AgentStatus, "The agent's state"),
    ...REFUSED,
    ...problems("not_found", "unavailable"),
  },
});

const TAKES_WORK = {
  ...REFUSED,
  ...problems("malformed_body", "not_found", "idempotency_conflict", "unsupported_media_type"),
  ...problems("invalid_fields", "thread_busy", "queue_full", "quota_exceeded", "unavailable"),
};

const execute = defineRoute({
  method: "post",
  path: "/api/agents/execute",
  tags,
  ...requires("runs:write"),
  summary: "Give work to an agent",
  description:
    "In the thread that is named, or in a new one. Answers with the run's id; with `Accept: text/event-stream` with its events; with `wait` with the run itself, where it ends within so many seconds.",
  request: { query: WaitQuery, body: jsonBody(StartRunBody) },
  responses: { 200: RUN_ANSWER, 202: ACCEPTED, ...TAKES_WORK },
});

const executeOne = defineRoute({
  method: "post",
  path: "/api/agents/{agent}/execute",
  tags,
  ...requires("runs:write"),
  summary: "Give work to this agent",
  description: "As `/api/agents/execute`, with the agent in the path.",
  request: { params, query: WaitQuery, body: jsonBody(StartRunBody) },
  responses: { 200: RUN_ANSWER, 202: ACCEPTED, ...TAKES_WORK },
});

/** @returns the routes below /api/agents, but for what ends runs. */
export function agentRoutes() {
  const router = createRouter();
  router.openapi(list, (c) => c.json({ data: roster().map(descriptionOf) }, 200));
  router.openapi(statuses, async (c) => {
    const runs = await runsOf(c);
    return c.json({ data: roster().map(({ name }) => statusOf(name, runs.get(name))) }, 200);
  });
  router.openapi(describe, (c) => c.json(descriptionOf(agentOf(c.req.valid("param").agent)), 200));
  router.openapi(config, (c) => {
    const agent = agentOf(c.req.valid("param").agent);
    const { model, tools } = portsOf(c.env);
    return c.json(
      {
        ...descriptionOf(agent),
        instructions: agent.instructions,
        model: model.models[0],
        models: [...model.models],
        tools: tools.filter(({ name }) => agent.tools.includes(name)).map(describeTool),
        output: agent.output && z.toJSONSchema(agent.output),
      },
      200,
    );
  });
  router.openapi(status, async (c) => {
    const { name } = agentOf(c.req.valid("param").agent);
    return c.json(statusOf(name, (await runsOf(c)).get(name)), 200);
  });
  router.openapi(execute, async (c) => {
    return await answerRun(c, await startRun(c, c.req.valid("json")), c.req.valid("query").wait);
  });
  router.openapi(executeOne, async (c) => {
    const agent = agentOf(c.req.valid("param").agent).name;
    const accepted = await startRun(c, { ...c.req.valid("json"), agent });
    return await answerRun(c, accepted, c.req.valid("query").wait);
  });
  return router;
}

function roster(): Agent[] {
  return AGENT_NAMES.flatMap((name) => findAgent(name) ?? []);
}

function agentOf(name: string): Agent {
  const agent = findAgent(name);
  if (agent === undefined) throw notFound();
  return agent;
}

function descriptionOf({ name, role, tools, handsOffTo, dependsOn }: Agent): AgentDescription {
  return {
    name,
    role,
    is_default: name === DEFAULT_AGENT.name,
    tools: [...tools],
    hands_off_to: [...handsOffTo],
    depends_on: [...dependsOn],
  };
}

function runsOf(c: Context<SignedInEnv>): Promise<ReadonlyMap<string, AgentRuns>> {
  const { userId } = c.var.principal;
  return new Runs(historyDatabase(c.env, userId), userId).byAgent();
}

function statusOf(name: string, runs: AgentRuns = NO_RUNS): AgentStatus {
  return { name, status: runs.live_runs.length > 0 ? "busy" : "idle", ...runs };
}

const NO_RUNS: AgentRuns = {
  live_runs: [],
  runs: { completed: 0, failed: 0, cancelled: 0 },
  average_duration_ms: null,
  last_run_at: null,
};
