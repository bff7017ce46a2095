/** A thread as a file: JSON for programs, CSV for tables, Markdown for people. */
import type { Context } from "hono";
import * as z from "zod";
import { historyDatabase } from "../../durable/history-database.ts";
import { type Message, Thread } from "../../protocol/entities.ts";
import { type ThreadExportFormat, ThreadExportQuery } from "../../protocol/history.ts";
import { ThreadId } from "../../protocol/ids.ts";
import { MAX_PAGE } from "../../protocol/limits.ts";
import { Threads } from "../../store/threads.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { listMessages } from "../list-messages.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";
import { FILE_FORMATS, threadFile } from "../thread-file.ts";

/** Wide on purpose, as in the export of an account: the answer is a stream. */
const TYPES: Record<string, { schema: z.ZodType }> = {
  "application/json": { schema: z.object({ thread: Thread, messages: z.array(z.unknown()) }) },
  "text/csv": { schema: z.string() },
  "text/markdown": { schema: z.string() },
};

const read = defineRoute({
  method: "get",
  path: "/api/threads/{id}/export",
  tags: ["Threads"],
  ...requires("threads:read"),
  summary: "A thread as a file",
  description:
    "As JSON, or as CSV or Markdown where `format` or `Accept` asks for it: what counts of what was said, oldest first. It is written as fast as it is read, and breaks off where that fails. In CSV, what a spreadsheet would take for a formula begins with an apostrophe.",
  request: { params: z.object({ id: ThreadId }), query: ThreadExportQuery },
  responses: {
    200: { description: "The file", content: TYPES },
    ...problems("unauthenticated", "token_invalid", "token_expired", "not_found"),
    ...problems("invalid_fields", "unavailable"),
  },
});

/** @returns the route that exports a thread. */
export function exportThreadRoutes() {
  const router = createRouter();
  router.openapi(read, async (c) => {
    const { id } = c.req.valid("param");
    const { format = preferred(c.req.header("accept")) } = c.req.valid("query");
    const { userId, voucher } = c.var.principal;
    const thread = await new Threads(historyDatabase(c.env, userId), userId).get(id);
    if (thread === null) throw notFound();
    await audit(c, { userId, voucher, action: "thread_exported", subject: id });
    const file = FILE_FORMATS[format];
    return c.newResponse(threadFile(file, thread, pagesOf(c, id)), 200, {
      "Content-Type": file.type,
      "Content-Disposition": `attachment; filename="apex-edge-thread.${file.extension}"`,
    });
  });
  return router;
}

async function* pagesOf(c: Context<SignedInEnv>, id: ThreadId): AsyncGenerator<readonly Message[]> {
  const { userId } = c.var.principal;
  let cursor: string | undefined;
  do {
    const query = { limit: MAX_PAGE, cursor, order: "asc", superseded: "exclude" } as const;
    const { data, next_cursor } = await listMessages(c.env, userId, id, query);
    yield data;
    cursor = next_cursor ?? undefined;
  } while (cursor !== undefined);
}

function preferred(accept = ""): ThreadExportFormat {
  if (/application\/json/i.test(accept)) return "json";
  if (/text\/csv/i.test(accept)) return "csv";
  return /text\/markdown/i.test(accept) ? "markdown" : "json";
}
