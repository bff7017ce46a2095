/** The route that forks a thread: its first messages are copied, object to object, into a new thread. */
import type { Context } from "hono";
import * as z from "zod";
import { newId, systemClock, timestamp } from "../../core/clock.ts";
import { historyDatabase } from "../../durable/history-database.ts";
import { ForkThreadBody } from "../../protocol/api.ts";
import { Thread } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import { ThreadId } from "../../protocol/ids.ts";
import { Threads } from "../../store/threads.ts";
import type { ForkPlan } from "../../thread/fork.ts";
import { askThread } from "../ask-thread.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const fork = defineRoute({
  method: "post",
  path: "/api/threads/{id}/fork",
  tags: ["Threads"],
  ...requires("threads:write"),
  summary: "Go on from a message in another thread",
  description:
    "Copies the exchange that the message belongs to, a question or an answer, and every exchange before it that still counts, under new ids, into a thread of its own; this one stays as it is. Events are not copied: who connects to the fork from its beginning loads its messages. What was used is counted where it was used. A thread too long to be copied is refused with `too_large`.",
  request: { params: z.object({ id: ThreadId }), body: jsonBody(ForkThreadBody) },
  responses: {
    201: {
      ...jsonAnswer(Thread, "The new thread"),
      headers: z.object({ Location: z.string().describe("The thread's address") }),
    },
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body"),
    ...problems("not_found", "unsupported_media_type", "invalid_fields", "thread_busy"),
    ...problems("too_large", "unavailable"),
  },
});

/** @returns the route that forks a thread. */
export function forkThreadRoutes() {
  const router = createRouter();
  router.openapi(fork, async (c) => {
    const { id: sourceId } = c.req.valid("param");
    const { message_id, ...given } = c.req.valid("json");
    const { userId } = c.var.principal;
    const threads = new Threads(historyDatabase(c.env, userId), userId);
    const source = await threads.get(sourceId);
    if (source === null) throw notFound();
    const plan = await askThread(c, sourceId, (object) => object.planFork(message_id));
    if (!plan.ok) throw ApexError.fromProblem(plan.problem);
    const id = ThreadId.parse(newId());
    await copy(c, sourceId, id, plan.value);
    const title = given.title ?? source.title ?? plan.value.title ?? undefined;
    const metadata = given.metadata ?? source.metadata;
    const forked_from = { thread_id: sourceId, message_id };
    const now = timestamp(systemClock.now());
    // Until this row exists nobody sees the copy. If a later step fails or is never reached, the copy finds out by
    // itself whether to open or to erase itself.
    const thread = await threads.create({ title, metadata }, now, { id, forked_from });
    const labels = { title: thread.title, metadata };
    await askThread(c, id, (object) => object.openFork(labels)).catch(() => undefined);
    return c.json(thread, 201, { Location: `/api/threads/${id}` });
  });
  return router;
}

/** @throws {ApexError} `unavailable` if an object fails, or the source changes during the copy. */
async function copy(
  c: Context<SignedInEnv>,
  from: ThreadId,
  to: ThreadId,
  { until, total }: ForkPlan,
): Promise<void> {
  let after = 0;
  for (let before = 0; before < total; ) {
    const range = { after, until };
    const exchanges = await askThread(c, from, (object) => object.readFork(range));
    const last = exchanges.at(-1);
    if (last === undefined) {
      const detail = "The thread was changed while it was copied. Please try again.";
      throw new ApexError("unavailable", detail, { retryAfter: 1 });
    }
    const page = { before, total, exchanges };
    await askThread(c, to, (object) => object.takeFork(page));
    before += exchanges.length;
    after = last.accepted_seq;
  }
}
