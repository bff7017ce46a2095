/** OpenTelemetry's way in: the address an exporter of OTLP/HTTP sends its traces to. */
import * as z from "zod";
import { MAX_USAGE_BODY_BYTES } from "../../protocol/limits.ts";
import { entriesOf } from "../../usage/import/read-usage.ts";
import { takeIn } from "../../usage/import/run-import.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { jsonBodyOr } from "../large-body.ts";
import { intakeOf } from "../own-usage.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";

/** What is not known here is ignored, as OTLP has it of receivers. */
const TracesBody = z.looseObject({ resourceSpans: z.array(z.unknown()).default([]) });

const TracesAnswer = z.object({
  partialSuccess: z
    .object({
      rejectedSpans: z.string().describe("A 64-bit number, as text"),
      errorMessage: z.string(),
    })
    .optional(),
});

const post = defineRoute({
  method: "post",
  path: "/v1/traces",
  tags: ["Usage"],
  ...jsonBodyOr(() => false, MAX_USAGE_BODY_BYTES, requires("usage:write")),
  summary: "Export traces (OTLP/HTTP, JSON)",
  description:
    "Spans that tell of a call of a model, by OpenTelemetry's GenAI conventions or OpenInference's, become usage records; all others are left aside. Set the exporter's protocol to `http/json`, its compression to none, and its headers to `Authorization=Bearer <api key>`.",
  request: { body: jsonBody(TracesBody) },
  responses: {
    200: jsonAnswer(TracesAnswer, "Taken; `partialSuccess` tells of spans that were set aside"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden", "malformed_body"),
    ...problems("unsupported_media_type", "invalid_fields", "too_large"),
  },
});

/** @returns the route that takes traces. */
export function traceRoutes() {
  const router = createRouter();
  router.openapi(post, async (c) => {
    const rows = oneRow(c.req.valid("json"));
    const { intake, arrival } = await intakeOf(c);
    const receipt = await takeIn(intake, entriesOf("otlp", undefined, rows, arrival));
    if (receipt.quarantined === 0) return c.json({}, 200);
    const errorMessage = receipt.refused.map(({ reason, rows }) => `${rows}: ${reason}`).join("; ");
    const rejectedSpans = String(receipt.quarantined);
    return c.json({ partialSuccess: { rejectedSpans, errorMessage } }, 200);
  });
  return router;
}

async function* oneRow(value: unknown) {
  yield { line: 1, value, text: "" };
}
