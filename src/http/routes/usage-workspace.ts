/** The routes of what a workspace says about itself: its profile, and its evaluations of models. */
import * as z from "zod";
import { MAX_USAGE_BODY_BYTES, MAX_USAGE_ROWS } from "../../protocol/limits.ts";
import { RefusedRows } from "../../protocol/usage.ts";
import { d1WorkspaceStore } from "../../usage/d1-workspace-store.ts";
import { Reasons } from "../../usage/import/batches.ts";
import { jsonRows } from "../../usage/import/json-rows.ts";
import type { Row } from "../../usage/import/rows.ts";
import { charsetOf, decoded } from "../../usage/import/text-stream.ts";
import { parseReason } from "../../usage/row-reasons.ts";
import { Evaluation, WorkspaceProfile, type WorkspaceStore } from "../../usage/workspace.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { jsonBodyOr } from "../large-body.ts";
import { AS_LINES, isNdjson, workspaceIdOf } from "../own-usage.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";
import { uploadOf } from "../upload.ts";

const tags = ["Usage"];
const REFUSED = ["unauthenticated", "token_invalid", "token_expired", "forbidden"] as const;

const getProfile = defineRoute({
  method: "get",
  path: "/api/usage/profile",
  tags,
  ...requires("usage:read"),
  summary: "What one's workspace says of itself",
  responses: { 200: jsonAnswer(WorkspaceProfile, "The profile"), ...problems(...REFUSED) },
});

const putProfile = defineRoute({
  method: "put",
  path: "/api/usage/profile",
  tags,
  ...requires("usage:write"),
  summary: "Say what no record can",
  description:
    "What work costs, and what a lever takes to put in place: without them no return on investment is told. Takes the place of the whole profile.",
  request: { body: jsonBody(WorkspaceProfile) },
  responses: {
    200: jsonAnswer(WorkspaceProfile, "The profile"),
    ...problems(...REFUSED, "malformed_body", "unsupported_media_type", "invalid_fields"),
  },
});

/** Each evaluation is checked by itself, so that a wrong one does not block the others. */
const EvaluationsBody = z.strictObject({
  evaluations: z
    .array(z.union([Evaluation, z.record(z.string(), z.unknown())]))
    .min(1)
    .max(MAX_USAGE_ROWS),
});

const EvaluationsReceipt = z.object({
  saved: z.number().int(),
  refused: z.array(RefusedRows),
});

const evaluate = defineRoute({
  method: "post",
  path: "/api/usage/evaluations",
  tags,
  ...jsonBodyOr(isNdjson, MAX_USAGE_BODY_BYTES, requires("usage:write")),
  summary: "Send evaluations of models",
  description:
    "One item that two models answered, and whether each answer passed: as JSON, or one a line (NDJSON). The same item again takes the place of what was known of it.",
  request: { body: { content: { "application/json": { schema: EvaluationsBody }, ...AS_LINES } } },
  responses: {
    200: jsonAnswer(EvaluationsReceipt, "What became of them"),
    ...problems(...REFUSED, "malformed_body", "unsupported_media_type", "invalid_fields"),
    ...problems("too_large", "body_timeout"),
  },
});

/** @returns the routes of profile and evaluations. */
export function usageWorkspaceRoutes() {
  const router = createRouter();
  router.openapi(getProfile, async (c) =>
    c.json(await d1WorkspaceStore(c.env.DB).profile(await workspaceIdOf(c)), 200),
  );
  router.openapi(putProfile, async (c) => {
    const profile = c.req.valid("json");
    const subject = await workspaceIdOf(c);
    await d1WorkspaceStore(c.env.DB).saveProfile(subject, profile);
    const { userId, voucher } = c.var.principal;
    await audit(c, { userId, voucher, action: "usage_profile_changed", subject });
    return c.json(profile, 200);
  });
  router.openapi(evaluate, async (c) => {
    const rows = isNdjson(c) ? rowsOf(c) : oneByOne(c.req.valid("json").evaluations);
    return c.json(await save(d1WorkspaceStore(c.env.DB), await workspaceIdOf(c), rows), 200);
  });
  return router;
}

function rowsOf(c: Parameters<typeof uploadOf>[0]): AsyncIterable<Row> {
  const { bytes, charset } = uploadOf(c);
  return jsonRows(decoded(bytes, charsetOf(charset)));
}

async function* oneByOne(values: readonly unknown[]): AsyncGenerator<Row> {
  for (const [index, value] of values.entries()) yield { line: index + 1, value, text: "" };
}

async function save(
  store: WorkspaceStore,
  workspaceId: string,
  rows: AsyncIterable<Row>,
): Promise<z.infer<typeof EvaluationsReceipt>> {
  const reasons = new Reasons();
  let saved = 0;
  let pending: Evaluation[] = [];
  const flush = async () => {
    await store.saveEvaluations(workspaceId, pending);
    saved += pending.length;
    pending = [];
  };
  for await (const row of rows) {
    const parsed = Evaluation.safeParse("value" in row ? row.value : null);
    if (parsed.success) pending.push(parsed.data);
    else {
      const why = "broken" in row ? row.broken : parseReason(parsed.error, row.value);
      reasons.add([{ line: row.line, reason: why.sentence, faults: why.faults }]);
    }
    if (pending.length >= MAX_USAGE_ROWS) await flush();
  }
  await flush();
  return { saved, refused: reasons.list() };
}
