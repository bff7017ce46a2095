/** The MCP door: what its clients find out about it, and the one route they speak to. */
import { isJsonContentType, type McpServerFactory } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import * as z from "zod";
import { boundedBody } from "../../http/body.ts";
import { ANYBODY, defineRoute, requires } from "../../http/define-route.ts";
import { jsonAnswer } from "../../http/json.ts";
import { problems } from "../../http/problems.ts";
import { limitAnonymous } from "../../http/rate-limits.ts";
import { type AppEnv, createRouter, type SignedInEnv } from "../../http/router.ts";
import { ApexError } from "../../protocol/errors.ts";
import { consoleLog } from "../../telemetry/log.ts";
import { answerMcpProblem } from "./answer-problem.ts";
import { heedCancellation, noteRun } from "./cancellations.ts";
import { isKnownPage } from "./known-page.ts";
import { productOffer } from "./product-offer.ts";
import {
  MCP_PATH,
  METADATA_PATH,
  ResourceMetadata,
  resourceMetadata,
} from "./resource-metadata.ts";
import { serveMcp } from "./serve.ts";
import { mcpServer } from "./server.ts";

const tags = ["MCP"];

const fromKnownPage = createMiddleware<AppEnv>(async (c, next) => {
  if (isKnownPage(c.req.raw, c.var.config)) return await next();
  throw new ApexError("forbidden", "Pages of this origin may not speak MCP here.");
});

const speak = defineRoute({
  method: "post",
  path: MCP_PATH,
  tags,
  ...requires("threads:read"),
  summary: "Speak MCP",
  description:
    "The Model Context Protocol over Streamable HTTP, in its revisions 2025-11-25 and 2026-07-28. Send one JSON-RPC message, and accept both `application/json` and `text/event-stream`. Each tool asks for a scope of its own; those that are not permitted are not listed. Failures are problem details with JSON-RPC's `error` beside them.",
  responses: {
    200: {
      description: "The answer, alone or at the end of a stream that tells of its progress",
      content: {
        "application/json": { schema: z.looseObject({ jsonrpc: z.literal("2.0") }) },
        "text/event-stream": { schema: z.string() },
      },
    },
    202: { description: "A notification was taken" },
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden"),
    ...problems("malformed_body", "unsupported_media_type", "invalid_fields", "unavailable"),
  },
});

/** @returns the description of the metadata at one of its addresses. */
function metadataAt<Path extends string>(path: Path) {
  return defineRoute({
    method: "get",
    path,
    tags,
    ...ANYBODY,
    summary: "How clients of the MCP server are let in",
    description: "Protected resource metadata (RFC 9728).",
    middleware: limitAnonymous,
    responses: { 200: jsonAnswer(ResourceMetadata, "The metadata"), ...problems() },
  });
}

/** @returns the routes of the MCP door. */
export function mcpRoutes() {
  const router = createRouter();
  router.onError(answerMcpProblem);
  router.use(MCP_PATH, fromKnownPage, boundedBody);
  router.openapi(metadataAt(METADATA_PATH), (c) => c.json(metadataOf(c), 200));
  router.openapi(metadataAt(`${METADATA_PATH}${MCP_PATH}`), (c) => c.json(metadataOf(c), 200));
  router.openapi(speak, async (c) => {
    const { raw } = c.req;
    const body = await bodyOf(raw);
    await heedCancellation(c, body);
    const answer = await serveMcp(raw, body, factoryFor(c), ({ message }) =>
      consoleLog.info("mcp_refused", { reason: message }),
    );
    // Made anew, with the headers that every answer has.
    return c.newResponse(answer.body, answer);
  });
  return router;
}

function metadataOf(c: Context<AppEnv>) {
  return resourceMetadata(new URL(c.req.url).origin, c.var.config);
}

/** @throws {ApexError} `unsupported_media_type`, `malformed_body`. */
async function bodyOf(request: Request): Promise<unknown> {
  if (!isJsonContentType(request.headers.get("content-type"))) {
    throw new ApexError("unsupported_media_type", "Send the body as application/json.");
  }
  try {
    return await request.clone().json();
  } catch {
    throw new ApexError("malformed_body", "The body is not valid JSON.");
  }
}

/** @returns what makes the server for this request: of what its user may have. */
function factoryFor(c: Context<SignedInEnv>): McpServerFactory {
  return ({ era }) =>
    mcpServer(productOffer(c.env), {
      who: c,
      scopes: c.var.principal.scopes,
      era,
      note: (request, run) => noteRun(c, request, run),
      onFailure: (failure) =>
        consoleLog.error("mcp_failed", failure.cause ?? failure, { code: failure.code }),
    });
}
