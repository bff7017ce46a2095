/** The operators' routes: history rows of any thread that D1 refused, and sending them again. */
import type { Context } from "hono";
import { z } from "zod";
import { historyDatabase } from "../../durable/history-database.ts";
import type { AuditAction } from "../../protocol/account.ts";
import { DeadLetters, ReplayedDeadLetters, RestoredHistory } from "../../protocol/api.ts";
import { ThreadId, UserId } from "../../protocol/ids.ts";
import { Threads } from "../../store/threads.ts";
import { reachThread, type ThreadDoor } from "../ask-thread.ts";
import { auditAll } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["Operator"];
const params = z.object({ user_id: UserId, thread_id: ThreadId });
const THREAD = "/api/operator/threads/{user_id}/{thread_id}";
const path = `${THREAD}/dead-letters` as const;
const refusals = problems(
  "unauthenticated",
  "token_invalid",
  "token_expired",
  "not_found",
  "unavailable",
);

const list = defineRoute({
  method: "get",
  path,
  tags,
  ...requires("operator"),
  summary: "What the history refused of a thread",
  description: "For the permission `operator`. Ids and reasons; nothing of what was said.",
  request: { params },
  responses: { 200: jsonAnswer(DeadLetters, "The dead letters"), ...refusals },
});

const replay = defineRoute({
  method: "post",
  path: `${path}/replay`,
  tags,
  ...requires("operator"),
  summary: "Try to save it once more",
  description:
    "For the permission `operator`. What is refused again is among the dead letters again.",
  request: { params },
  responses: { 202: jsonAnswer(ReplayedDeadLetters, "They are on their way"), ...refusals },
});

const restore = defineRoute({
  method: "post",
  path: `${THREAD}/restore` as const,
  tags,
  ...requires("operator"),
  summary: "Tell the history all of a thread once more",
  description:
    "For the permission `operator`, after a database was brought back to an earlier state: the thread's object has all that was said. What the history still has is not changed.",
  request: { params },
  responses: { 202: jsonAnswer(RestoredHistory, "It is on its way"), ...refusals },
});

/** @returns the routes below /api/operator. */
export function operatorRoutes() {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const of = c.req.valid("param");
    const letters = await reachThreadOf(c.env, of, (thread) => thread.deadLetters());
    await noteDeed(c, "operator_read_dead_letters", of);
    return c.json(letters, 200);
  });
  router.openapi(replay, async (c) => {
    const of = c.req.valid("param");
    const replayed = await reachThreadOf(c.env, of, (thread) => thread.replayDeadLetters());
    await noteDeed(c, "operator_replayed_dead_letters", of);
    return c.json({ replayed }, 202);
  });
  router.openapi(restore, async (c) => {
    const of = c.req.valid("param");
    const { user_id, thread_id } = of;
    const runs = await reachThread(c.env, user_id, thread_id, async (thread) =>
      (await thread.isKnown()) ? await thread.restoreHistory() : null,
    );
    if (runs === null) throw notFound();
    await noteDeed(c, "operator_restored_history", of);
    return c.json({ runs }, 202);
  });
  return router;
}

function noteDeed(
  c: Context<SignedInEnv>,
  action: AuditAction,
  { user_id, thread_id }: z.infer<typeof params>,
): Promise<void> {
  const { userId, voucher } = c.var.principal;
  return auditAll(c, { userId, voucher, action, subject: thread_id }, [user_id]);
}

/** @throws {ApexError} `not_found` if the user has no such thread. */
async function reachThreadOf<Answer>(
  env: Cloudflare.Env,
  { user_id, thread_id }: z.infer<typeof params>,
  question: (thread: ThreadDoor) => Promise<Answer>,
): Promise<Answer> {
  const threads = new Threads(historyDatabase(env, user_id), user_id);
  if (!(await threads.exists(thread_id))) throw notFound();
  return await reachThread(env, user_id, thread_id, question);
}
