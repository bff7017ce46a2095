/** A shared thread, for anybody who has its link: its messages, and nothing else. */
import { createMiddleware } from "hono/factory";
import * as z from "zod";
import { hashSecret } from "../../auth/secret-hash.ts";
import { databaseOfShareToken } from "../../auth/share-tokens.ts";
import { historyDatabaseNamed } from "../../durable/history-database.ts";
import { MAIN_DATABASE } from "../../env/history-shards.ts";
import {
  SharedMessage,
  SharedThread,
  SharedThreadQuery,
  ShareToken,
} from "../../protocol/sharing.ts";
import { MessagesCursor, readCursor, SharedCursor, writeCursor } from "../../store/cursor.ts";
import { type OpenedShare, openShare } from "../../store/thread-shares.ts";
import { ANYBODY, defineRoute } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { listMessages } from "../list-messages.ts";
import { notFound, problems } from "../problems.ts";
import { limitAnonymous } from "../rate-limits.ts";
import { createRouter } from "../router.ts";

/** Keeps search engines out: the page is only for those who were given the link. */
const unlisted = createMiddleware(async (c, next) => {
  c.header("X-Robots-Tag", "noindex");
  await next();
});

const read = defineRoute({
  method: "get",
  path: "/api/shared/{token}",
  tags: ["Threads"],
  ...ANYBODY,
  middleware: [limitAnonymous, unlisted] as const,
  summary: "A thread that somebody shared",
  description:
    "Its title and messages, as they were when the link was made or renewed; what has been replaced since is left out. A link that was taken back opens nothing, like one that never was.",
  request: { params: z.object({ token: ShareToken }), query: SharedThreadQuery },
  responses: {
    200: jsonAnswer(SharedThread, "The thread, with a page of its messages"),
    ...problems("not_found", "invalid_fields", "unavailable"),
  },
});

/** @returns the route that shows a shared thread without a sign-in. */
export function sharedThreadRoutes() {
  const router = createRouter();
  router.openapi(read, async (c) => {
    const { token } = c.req.valid("param");
    const name = databaseOfShareToken(token) ?? MAIN_DATABASE;
    const history = historyDatabaseNamed(c.env, name);
    const share = history && (await openShare(history, hashSecret(token)));
    if (share === null) throw notFound();
    return c.json(await pageOf(c.env, share, c.req.valid("query")), 200);
  });
  return router;
}

async function pageOf(
  env: Cloudflare.Env,
  share: OpenedShare,
  { limit, cursor }: SharedThreadQuery,
): Promise<SharedThread> {
  const { thread_id, user_id, until_seq, title, renewed_at } = share;
  const order = "asc";
  const begin = cursor && {
    cursor: writeCursor({
      list: "messages",
      ...{ thread_id, order },
      after: readCursor(SharedCursor, cursor).after,
    }),
  };
  const query = { limit, order, superseded: "exclude", ...begin } as const;
  const found = await listMessages(env, user_id, thread_id, query);
  const upTo =
    found.next_cursor === null ? until_seq : readCursor(MessagesCursor, found.next_cursor).after;
  const goesOn = upTo < until_seq;
  return {
    title,
    shared_at: renewed_at,
    data: found.data
      .filter(({ seq }) => seq <= until_seq)
      .map((message) => SharedMessage.parse(message)),
    has_more: goesOn,
    next_cursor: goesOn ? writeCursor({ list: "shared", after: upTo }) : null,
  };
}
