/** The routes of usage records: sent by themselves, and those that were set aside. */
import * as z from "zod";
import {
  DEFAULT_PAGE,
  MAX_PAGE,
  MAX_USAGE_BODY_BYTES,
  MAX_USAGE_ROWS,
} from "../../protocol/limits.ts";
import { pageWith } from "../../protocol/paging.ts";
import { IntakeReceipt, QuarantinePage } from "../../protocol/usage.ts";
import { NewUsageRecord } from "../../usage/import/new-record.ts";
import { entriesOf, readUsage } from "../../usage/import/read-usage.ts";
import { takeIn } from "../../usage/import/run-import.ts";
import { charsetOf } from "../../usage/import/text-stream.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { jsonBodyOr } from "../large-body.ts";
import { AS_LINES, intakeOf, isNdjson } from "../own-usage.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";
import { uploadOf } from "../upload.ts";

const tags = ["Usage"];

/** Each record is checked by itself, so that one that is wrong holds up no other. */
const RecordsBody = z.strictObject({
  records: z
    .array(z.union([NewUsageRecord, z.record(z.string(), z.unknown())]))
    .min(1)
    .max(MAX_USAGE_ROWS),
});

const send = defineRoute({
  method: "post",
  path: "/api/usage/records",
  tags,
  ...jsonBodyOr(isNdjson, MAX_USAGE_BODY_BYTES, requires("usage:write")),
  summary: "Send usage records",
  description:
    "Records of calls of models, as JSON or a record a line (NDJSON), into one's own workspace: the team's, or one's own. A record counts once by its `record_id`, however often it is sent. `input_tokens` and `output_tokens` are inclusive totals: cached tokens are part of the one, reasoning of the other. A record that contradicts itself is set aside with its reason (`GET /api/usage/quarantine`), never mended.",
  request: {
    body: {
      content: {
        "application/json": { schema: RecordsBody },
        ...AS_LINES,
      },
    },
  },
  responses: {
    200: jsonAnswer(IntakeReceipt, "What became of them"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden", "malformed_body"),
    ...problems("unsupported_media_type", "invalid_fields", "too_large", "body_timeout"),
  },
});

const quarantine = defineRoute({
  method: "get",
  path: "/api/usage/quarantine",
  tags,
  ...requires("usage:read"),
  summary: "Rows that were set aside, and why",
  description: "They count in no figure. A row leaves by coming in again as it should be.",
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
      cursor: z.string().max(256).default("").describe("next_cursor of the page before"),
    }),
  },
  responses: {
    200: jsonAnswer(QuarantinePage, "A page of them"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden", "invalid_fields"),
  },
});

/** @returns the routes of records. */
export function usageRecordRoutes() {
  const router = createRouter();
  router.openapi(send, async (c) => {
    const { intake, arrival } = await intakeOf(c);
    if (isNdjson(c)) {
      const { bytes, charset: label } = uploadOf(c);
      const file = {
        bytes,
        charset: charsetOf(label),
        isCsv: false,
        format: "apex",
        columns: undefined,
      } as const;
      const { entries } = await readUsage(file, arrival);
      return c.json(await takeIn(intake, entries), 200);
    }
    const { records } = c.req.valid("json");
    return c.json(
      await takeIn(intake, entriesOf("apex", undefined, rowsOf(records), arrival)),
      200,
    );
  });
  router.openapi(quarantine, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const { intake } = await intakeOf(c);
    const rows = await intake.quarantine(limit + 1, cursor);
    const data = rows.slice(0, limit);
    return c.json(
      pageWith(data, rows.length > limit ? (data.at(-1)?.record_id ?? null) : null),
      200,
    );
  });
  return router;
}

async function* rowsOf(values: readonly unknown[]) {
  for (const [index, value] of values.entries()) yield { line: index + 1, value, text: "" };
}
