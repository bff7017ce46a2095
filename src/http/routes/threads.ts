/** The routes of a user's own threads. Another user's thread is answered like an unknown one. */
import type { Context } from "hono";
import * as z from "zod";
import { systemClock, timestamp } from "../../core/clock.ts";
import { historyDatabase } from "../../durable/history-database.ts";
import {
  CreateThreadBody,
  ThreadPage,
  ThreadsQuery,
  UpdateThreadBody,
} from "../../protocol/api.ts";
import { Thread } from "../../protocol/entities.ts";
import { ThreadId } from "../../protocol/ids.ts";
import { ThreadShares } from "../../store/thread-shares.ts";
import { Threads } from "../../store/threads.ts";
import { askThread } from "../ask-thread.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { assertThread } from "../known-thread.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["Threads"];
const path = "/api/threads/{id}";
const params = z.object({ id: ThreadId });

const create = defineRoute({
  method: "post",
  path: "/api/threads",
  tags,
  ...requires("threads:write"),
  summary: "Begin a thread",
  request: { body: { ...jsonBody(CreateThreadBody), required: false } },
  responses: {
    201: {
      ...jsonAnswer(Thread, "The new thread"),
      headers: z.object({ Location: z.string().describe("The thread's address") }),
    },
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body"),
    ...problems("unsupported_media_type", "invalid_fields", "unavailable"),
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/threads",
  tags,
  ...requires("threads:read"),
  summary: "One's threads, the newest first",
  request: { query: ThreadsQuery },
  responses: {
    200: jsonAnswer(ThreadPage, "A page of threads"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "invalid_fields"),
    ...problems("unavailable"),
  },
});

const read = defineRoute({
  method: "get",
  path,
  tags,
  ...requires("threads:read"),
  summary: "A thread",
  request: { params },
  responses: {
    200: jsonAnswer(Thread, "The thread"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "not_found", "unavailable"),
  },
});

const update = defineRoute({
  method: "patch",
  path,
  tags,
  ...requires("threads:write"),
  summary: "Rename or label a thread",
  description: "Every open connection of the thread is told by `thread_updated`.",
  request: { params, body: jsonBody(UpdateThreadBody) },
  responses: {
    200: jsonAnswer(Thread, "The thread as it is now"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body"),
    ...problems("not_found", "unsupported_media_type", "invalid_fields", "unavailable"),
  },
});

const remove = defineRoute({
  method: "delete",
  path,
  tags,
  ...requires("threads:write"),
  summary: "Delete a thread, with everything said in it",
  description: "A live run ends, and every socket of the thread is closed.",
  request: { params },
  responses: {
    204: { description: "The thread is gone" },
    ...problems("unauthenticated", "token_invalid", "token_expired", "not_found", "unavailable"),
  },
});

/** @returns the routes of threads, without those of their messages. */
export function threadRoutes() {
  const router = createRouter();
  router.openapi(create, async (c) => {
    const given = c.req.valid("json");
    const thread = await threadsOf(c).create(given, now());
    if (given.title !== undefined || given.metadata !== undefined) {
      await askThread(c, thread.id, (object) => object.label(labelsOf(thread)));
    }
    return c.json(thread, 201, { Location: `/api/threads/${thread.id}` });
  });
  router.openapi(list, async (c) => c.json(await threadsOf(c).list(c.req.valid("query")), 200));
  router.openapi(read, async (c) => {
    const thread = await threadsOf(c).get(c.req.valid("param").id);
    if (thread === null) throw notFound();
    return c.json(thread, 200);
  });
  router.openapi(update, async (c) => {
    const { id } = c.req.valid("param");
    const thread = await threadsOf(c).update(id, c.req.valid("json"), now());
    if (thread === null) throw notFound();
    await askThread(c, id, (object) => object.announceUpdate(labelsOf(thread)));
    return c.json(thread, 200);
  });
  router.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    const { userId, voucher } = c.var.principal;
    await assertThread(c.env, userId, id);
    // First, so that the link stops working even if the rest of the deletion has to wait.
    await new ThreadShares(historyDatabase(c.env, userId), userId)
      .delete(id)
      .catch(() => undefined);
    await askThread(c, id, (object) => object.destroy());
    await audit(c, { userId, action: "thread_deleted", voucher, subject: id });
    return c.body(null, 204);
  });
  return router;
}

function threadsOf(c: Context<SignedInEnv>): Threads {
  const { userId } = c.var.principal;
  return new Threads(historyDatabase(c.env, userId), userId);
}

function labelsOf({ title, metadata }: Thread) {
  return { title, metadata };
}

function now(): string {
  return timestamp(systemClock.now());
}
