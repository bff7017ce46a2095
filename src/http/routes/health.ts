/** The health routes, for probes and for people. */
import * as z from "zod";
import { systemClock, timestamp } from "../../core/clock.ts";
import { withDeadline } from "../../core/deadline.ts";
import { anObjectAnswers, sharedParts, viewBreakers } from "../../durable/breakers.ts";
import { historyShards } from "../../durable/history-database.ts";
import { Health } from "../../protocol/api.ts";
import { ServerStatus } from "../../protocol/discovery.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { API_VERSION } from "../api-version.ts";
import { ANYBODY, defineRoute } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { problems } from "../problems.ts";
import { limitAnonymous } from "../rate-limits.ts";
import { createRouter, type RequestContext } from "../router.ts";

/** Short, so that a probe learns of a slow database before the probe itself times out. */
const PING_DEADLINE_MS = 1_000;

/** Parts that every request needs, besides Durable Objects. */
const NEEDED = ["worker", "database"];

const tags = ["Health"];

/** Works with an invalid configuration too: a wrong setting is no reason to restart the process. */
export const LIVE_PATH = "/health/live";

const live = defineRoute({
  method: "get",
  path: LIVE_PATH,
  tags,
  ...ANYBODY,
  summary: "Whether the process answers at all",
  responses: { 200: jsonAnswer(z.object({ status: z.literal("healthy") }), "It does") },
});

const ready = defineRoute({
  method: "get",
  path: "/health/ready",
  tags,
  ...ANYBODY,
  summary: "Whether every part that new requests need is healthy",
  description:
    "The Worker, the database and the objects; not the model and the analytics: without them answers are late or old, and say so. The objects are not ready where none of two answers within a second each: one that is slow has them degraded, and new requests are served.",
  middleware: limitAnonymous,
  responses: {
    200: jsonAnswer(Health, "Every such part is healthy"),
    503: jsonAnswer(Health, "One is not, or a problem: the configuration is not valid"),
  },
});

/** @returns the routes at `path` that report the state of every part. */
function report(path: "/health" | "/api/health") {
  return defineRoute({
    method: "get",
    path,
    tags,
    ...ANYBODY,
    summary: "How every part is",
    description:
      "200 also where a part is degraded: chats that run go on without D1. The model, the analytics and the history are degraded while their breaker is not closed. Where the history is in several databases, each beside the first is a part as `database:NAME` and `history:NAME`: while one is away, only its users miss their lists.",
    middleware: limitAnonymous,
    responses: { 200: jsonAnswer(Health, "The parts, and the whole"), ...problems() },
  });
}

const status = defineRoute({
  method: "get",
  path: "/api/status",
  tags,
  ...ANYBODY,
  summary: "How every part is, and which versions are served",
  middleware: limitAnonymous,
  responses: { 200: jsonAnswer(ServerStatus, "The parts, and the versions"), ...problems() },
});

/** @returns /health, /health/live, /health/ready, /api/health and /api/status. */
export function healthRoutes() {
  const router = createRouter();
  router.openapi(live, (c) => c.json({ status: "healthy" as const }, 200));
  router.openapi(ready, async (c) => {
    const health = await examine(c);
    const { parts } = health;
    const isReady =
      NEEDED.every((part) => parts[part] === "healthy") &&
      (parts.objects === "healthy" || (await anObjectAnswers(c.env, systemClock)));
    return c.json(health, isReady ? 200 : 503);
  });
  router.openapi(report("/health"), async (c) => c.json(await examine(c), 200));
  router.openapi(status, async (c) =>
    c.json(
      {
        ...(await examine(c)),
        api_version: API_VERSION,
        protocol: PROTOCOL_VERSION,
        code_version: c.env.CODE_VERSION.id,
        environment: c.var.config.environment,
        time: timestamp(systemClock.now()),
      },
      200,
    ),
  );
  router.openapi(report("/api/health"), async (c) => c.json(await examine(c), 200));
  return router;
}

async function examine(c: RequestContext): Promise<Health> {
  const [database, shards, guarded] = await Promise.all([
    pingDatabase(c.env.DB),
    pingShards(c.env),
    guardedParts(c),
  ]);
  const parts = { worker: "healthy" as const, database, ...shards, ...guarded };
  return {
    status: Object.values(parts).every((part) => part === "healthy") ? "healthy" : "degraded",
    parts,
    model_provider: c.var.config.modelProvider,
  };
}

/** Reads the breakers from their object, which shows that objects answer. */
async function guardedParts(c: RequestContext): Promise<Health["parts"]> {
  try {
    const breakers = await viewBreakers(c.env, systemClock, sharedParts(c.env));
    const states = breakers.map(({ part, state }) => [
      part,
      state === "closed" ? "healthy" : "degraded",
    ]);
    return { objects: "healthy", ...Object.fromEntries(states) };
  } catch {
    return { objects: "degraded" };
  }
}

/** Each shard has its own users, and only they are affected if it fails, so each is reported by its name. */
async function pingShards(env: Cloudflare.Env): Promise<Health["parts"]> {
  const pings = [...historyShards(env)].map(
    async ([name, d1]) => [`database:${name}`, await pingDatabase(d1)] as const,
  );
  return Object.fromEntries(await Promise.all(pings));
}

async function pingDatabase(d1: D1Database): Promise<Health["status"]> {
  try {
    await withDeadline(PING_DEADLINE_MS, () => d1.prepare("SELECT 1").first());
    return "healthy";
  } catch {
    return "degraded";
  }
}
