/** The routes of usage imports: files that are checked first, then imported in batches, and can be removed again. */
import type { Context } from "hono";
import * as z from "zod";
import { newId, systemClock } from "../../core/clock.ts";
import { ApexError } from "../../protocol/errors.ts";
import { pageWith } from "../../protocol/paging.ts";
import {
  type ImportEvent,
  ImportFileName,
  ImportFormat,
  ImportId,
  ImportPreview,
  ImportReceipt,
  ImportsQuery,
  UsageImport,
  UsageImportPage,
} from "../../protocol/usage.ts";
import {
  cursorOf,
  ImportsCursor,
  readCursor,
  writeCursor,
  wrongCursor,
} from "../../store/cursor.ts";
import { consoleLog, inThisLogContext } from "../../telemetry/log.ts";
import { forgetAnswers } from "../../tools/last-good.ts";
import { ColumnMapText } from "../../usage/import/column-map.ts";
import { readUsage } from "../../usage/import/read-usage.ts";
import { previewImport, runImport } from "../../usage/import/run-import.ts";
import { charsetOf } from "../../usage/import/text-stream.ts";
import { toImport } from "../../usage/import-row.ts";
import { audit } from "../audit.ts";
import { drainBody } from "../body.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { AS_CSV, AS_LINES, importsOf, intakeOf } from "../own-usage.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";
import { uploadOf } from "../upload.ts";

const tags = ["Usage"];

const ImportQuery = z.object({
  format: ImportFormat.optional().describe("Told from the first row where it is left out"),
  dry_run: z.enum(["true", "false"]).default("false").describe("true: nothing is stored"),
  import_id: ImportId.optional().describe("Chosen by you, to send the same file again under it"),
  file_name: ImportFileName.optional().describe("To know the import again by in the list"),
  column_map: ColumnMapText.optional().describe(
    'For csv and ndjson, as JSON: {columns: {ts: "time", …}, constants: {…}, cached: included | separate, reasoning: included | separate}',
  ),
});

const post = defineRoute({
  method: "post",
  path: "/api/usage/imports",
  tags,
  ...requires("usage:write"),
  summary: "Import a file of usage",
  description:
    "The body is the file: JSON, NDJSON or CSV, up to 100 MiB and 500,000 rows, read as it arrives. Try it with `dry_run=true` first: the answer shows rows as they would be stored, and why others would not. An import is stored in batches of 2,000 rows, each whole or not at all, and each is there as soon as it is told. Sent again under its `import_id`, a file goes on where it broke off; sent again at all, nothing counts twice. `DELETE` takes an import back as a whole. A failure in its middle says in `import` what stands of it. A line that is no UTF-8 is set aside like every broken one; a file that begins so is refused. With `Accept: text/event-stream` the answer is its progress.",
  request: {
    query: ImportQuery,
    body: {
      content: { "application/octet-stream": { schema: z.string() }, ...AS_LINES, ...AS_CSV },
    },
  },
  responses: {
    200: {
      description: "What became of it, what would, or its events",
      content: {
        "application/json": { schema: z.union([ImportReceipt, ImportPreview]) },
        "text/event-stream": { schema: z.string() },
      },
      headers: z.object({ Location: z.string().optional().describe("The import's address") }),
    },
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden", "malformed_body"),
    ...problems("unsupported_media_type", "invalid_fields", "too_large", "body_timeout"),
    ...problems("import_conflict"),
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/usage/imports",
  tags,
  ...requires("usage:read"),
  summary: "Imports, the newest first",
  description:
    "Of one's own workspace: the team's, or one's own. With `status=incomplete` those of which so far only a part counts: `under_way` tells one that is being sent from one that was cut off.",
  request: { query: ImportsQuery },
  responses: {
    200: jsonAnswer(UsageImportPage, "A page of imports"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden", "invalid_fields"),
  },
});

const one = { params: z.object({ id: ImportId }) };

const get = defineRoute({
  method: "get",
  path: "/api/usage/imports/{id}",
  tags,
  ...requires("usage:read"),
  summary: "How an import stands",
  request: one,
  responses: {
    200: jsonAnswer(UsageImport, "The import"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden", "not_found"),
  },
});

const remove = defineRoute({
  method: "delete",
  path: "/api/usage/imports/{id}",
  tags,
  ...requires("usage:write"),
  summary: "Take an import back",
  description:
    "Deletes every record that it stored, and its quarantined rows. Records that were here before it stay. Safe to repeat, where it broke off, or where a batch of it is still on its way (`import_conflict`, with `retry_after`).",
  request: one,
  responses: {
    204: { description: "Nothing of it is left" },
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden", "not_found"),
    ...problems("import_conflict"),
  },
});

/** @returns the routes below /api/usage/imports. */
export function usageImportRoutes() {
  const router = createRouter();
  router.openapi(post, async (c) => {
    const { format = null, dry_run, import_id, file_name, column_map } = c.req.valid("query");
    const { bytes, charset: label, type } = uploadOf(c);
    const file = {
      bytes,
      charset: charsetOf(label),
      isCsv: type === "text/csv",
      format,
      columns: column_map,
    };
    const { intake, arrival } = await intakeOf(c);
    const reading = await readUsage(file, arrival);
    if (dry_run === "true") return c.json(await previewImport(reading, await intake.prices()), 200);
    const id = import_id ?? newId();
    const progress = runImport(intake, reading, { id, fileName: file_name, clock: systemClock });
    const Location = `/api/usage/imports/${id}`;
    if (c.req.header("accept")?.includes("text/event-stream")) {
      const headers = { "Content-Type": "text/event-stream; charset=utf-8", Location };
      return c.newResponse(toldOf(c, id, progress), 200, headers);
    }
    c.header("Location", Location);
    for (;;) {
      const { done, value } = await progress.next();
      if (done) return c.json(value, 200);
    }
  });
  router.openapi(list, async (c) => {
    const { status = null, limit, ...place } = c.req.valid("query");
    const after = placeAfter(cursorOf(place), status);
    const now = systemClock.now();
    const rows = await (await importsOf(c)).page({ status, after, limit: limit + 1 });
    const data = rows.slice(0, limit);
    const last = rows.length > limit ? data.at(-1) : undefined;
    const next = last && { created_at: last.created_at, after: last.import_id };
    return c.json(
      pageWith(
        data.map((row) => toImport(row, now)),
        next === undefined ? null : writeCursor({ list: "imports", status, ...next }),
      ),
      200,
    );
  });
  router.openapi(get, async (c) => {
    const { intake } = await intakeOf(c);
    const row = await intake.imports.find(c.req.valid("param").id);
    if (row === null) throw notFound();
    return c.json(toImport(row, systemClock.now()), 200);
  });
  router.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    const { workspaceId, intake } = await intakeOf(c);
    if (!(await intake.takeBack(id, systemClock.now()))) throw notFound();
    // Cached answers, which are used when the records are unreachable, may be based on the removed records.
    await forgetAnswers(c.env.CACHE, workspaceId).catch((error: unknown) =>
      consoleLog.error("last_good.not_forgotten", error),
    );
    const { userId, voucher } = c.var.principal;
    await audit(c, { userId, voucher, action: "usage_import_taken_back", subject: id });
    return c.body(null, 204);
  });
  return router;
}

/** @throws {ApexError} `invalid_fields` if the cursor does not belong to the imports with this status. */
function placeAfter(cursor: string | undefined, status: string | null) {
  if (cursor === undefined) return null;
  const place = readCursor(ImportsCursor, cursor);
  if (place.status !== status) throw wrongCursor();
  return { created_at: place.created_at, import_id: place.after };
}

/** The import runs only as fast as its events are read. A client that disconnects stops it. */
function toldOf(
  c: Context<SignedInEnv>,
  id: string,
  progress: AsyncGenerator<UsageImport, ImportReceipt>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const format = (event: ImportEvent) =>
    encoder.encode(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  return new ReadableStream<Uint8Array>(
    {
      // The stream is read outside of any log context.
      pull: inThisLogContext(async (controller: ReadableStreamDefaultController<Uint8Array>) => {
        try {
          const { done, value } = await progress.next();
          if (!done) return controller.enqueue(format({ type: "import_progress", import: value }));
          controller.enqueue(format({ type: "import_completed", ...value }));
        } catch (error) {
          const failure = ApexError.from(error);
          const { code, message: detail, cutImport } = failure;
          if (failure.status >= 500) consoleLog.error("import.failed", error);
          // The answer began long ago, so the middleware that drains bodies has run already.
          await drainBody(c.req.raw.body);
          const told = { type: "import_failed", code, detail, import_id: id } as const;
          controller.enqueue(format({ ...told, ...(cutImport && { import: cutImport }) }));
        }
        controller.close();
      }),
      async cancel() {
        await progress.throw(new Error("Nobody listens any more.")).catch(() => undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
