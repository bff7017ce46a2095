/** The routes by which an owner shares a thread: a link, which can be renewed, and revoked at once. */
import type { Context } from "hono";
import * as z from "zod";
import { hashSecret } from "../../auth/secret-hash.ts";
import { newShareToken } from "../../auth/share-tokens.ts";
import { systemClock, timestamp } from "../../core/clock.ts";
import { historyDatabase, historyDatabaseName } from "../../durable/history-database.ts";
import { MAIN_DATABASE } from "../../env/history-shards.ts";
import type { AuditAction } from "../../protocol/account.ts";
import { ThreadId } from "../../protocol/ids.ts";
import { MAX_PAGE } from "../../protocol/limits.ts";
import { CreatedThreadShare, ThreadShare, ThreadShareState } from "../../protocol/sharing.ts";
import { type Snapshot, ThreadShares } from "../../store/thread-shares.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { assertThread } from "../known-thread.ts";
import { listMessages } from "../list-messages.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["Threads"];
const path = "/api/threads/{id}/share";
const params = z.object({ id: ThreadId });
const REFUSED = {
  ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden"),
  ...problems("not_found", "unavailable"),
};

const share = defineRoute({
  method: "post",
  path,
  tags,
  ...requires("threads:write"),
  summary: "Show a thread to whoever has a link",
  description:
    "The answer shows the link's token, once. Its readers see the title and the messages that are complete now, nothing that is said later, and neither tools nor whose it is. A link made before opens nothing any more.",
  request: { params },
  responses: { 201: jsonAnswer(CreatedThreadShare, "The link"), ...REFUSED },
});

const renew = defineRoute({
  method: "put",
  path,
  tags,
  ...requires("threads:write"),
  summary: "Show what was said since, too, by the same link",
  request: { params },
  responses: { 200: jsonAnswer(ThreadShare, "How the thread is shared now"), ...REFUSED },
});

const read = defineRoute({
  method: "get",
  path,
  tags,
  ...requires("threads:read"),
  summary: "Whether a thread is shared, and since when",
  request: { params },
  responses: { 200: jsonAnswer(ThreadShareState, "How the thread is shared"), ...REFUSED },
});

const unshare = defineRoute({
  method: "delete",
  path,
  tags,
  ...requires("threads:write"),
  summary: "Take the link to a thread back",
  description: "From then on it opens nothing.",
  request: { params },
  responses: { 204: { description: "Nobody else can read the thread" }, ...REFUSED },
});

/** @returns the routes by which an owner shares a thread. */
export function shareThreadRoutes() {
  const router = createRouter();
  router.openapi(share, async (c) => {
    const { id } = c.req.valid("param");
    await assertOwn(c, id);
    const database = historyDatabaseName(c.var.config.historyShards, c.var.principal.userId);
    const token = newShareToken(database === MAIN_DATABASE ? null : database);
    const snapshot = await snapshotOf(c, id);
    const made = await sharesOf(c).create(id, { ...snapshot, tokenHash: hashSecret(token) });
    if (made === null) throw notFound();
    await tell(c, "thread_shared", id);
    return c.json({ ...made, token, path: `/s/${token}` }, 201);
  });
  router.openapi(renew, async (c) => {
    const { id } = c.req.valid("param");
    await assertOwn(c, id);
    const renewed = await sharesOf(c).renew(id, await snapshotOf(c, id));
    if (renewed === null) throw notFound();
    await tell(c, "thread_shared", id);
    return c.json(renewed, 200);
  });
  router.openapi(read, async (c) => {
    const { id } = c.req.valid("param");
    await assertOwn(c, id);
    return c.json({ share: await sharesOf(c).get(id) }, 200);
  });
  router.openapi(unshare, async (c) => {
    const { id } = c.req.valid("param");
    await assertOwn(c, id);
    if (await sharesOf(c).delete(id)) await tell(c, "thread_unshared", id);
    return c.body(null, 204);
  });
  return router;
}

/**
 * @returns the part of the thread that is complete now. An answer still being written is left out, with all that
 *   follows it, so that nothing is shared that the owner had not read.
 */
async function snapshotOf(c: Context<SignedInEnv>, id: ThreadId): Promise<Snapshot> {
  const newest = { limit: MAX_PAGE, order: "desc", superseded: "exclude" } as const;
  const { data } = await listMessages(c.env, c.var.principal.userId, id, newest);
  const underWay = data.findLastIndex(({ status }) => status === "streaming");
  return { untilSeq: data[underWay + 1]?.seq ?? 0, now: timestamp(systemClock.now()) };
}

function sharesOf(c: Context<SignedInEnv>): ThreadShares {
  const { userId } = c.var.principal;
  return new ThreadShares(historyDatabase(c.env, userId), userId);
}

function assertOwn(c: Context<SignedInEnv>, id: ThreadId): Promise<void> {
  return assertThread(c.env, c.var.principal.userId, id);
}

function tell(c: Context<SignedInEnv>, action: AuditAction, subject: ThreadId): Promise<void> {
  const { userId, voucher } = c.var.principal;
  return audit(c, { userId, voucher, action, subject });
}
