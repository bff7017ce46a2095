/** Problem details (RFC 9457): how errors are answered over HTTP, and how the OpenAPI document describes them. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import { ApexError } from "../protocol/errors.ts";
import { type ErrorCode, FAILURES } from "../protocol/failures.ts";
import { Problem } from "../protocol/problem.ts";
import { problemOf } from "../protocol/problem-of.ts";
import { TITLES } from "../protocol/titles.ts";
import { consoleLog } from "../telemetry/log.ts";
import { isOpenAiPath, openAiError, TRACES_PATH } from "./openai-error.ts";

const PROBLEM_JSON = "application/problem+json";

/** @returns the same error for an unknown address, an unknown id, and another user's id. */
export function notFound(): ApexError {
  return new ApexError("not_found", "There is nothing at this address.");
}

/**
 * The app's error handler. An {@link ApexError} is answered as it is; any other is logged, and its details are
 * hidden.
 */
export function answerError(error: Error, c: Context): Response {
  const failure = toApexError(error);
  if (failure.status >= 500) {
    consoleLog.error("request_failed", failure.cause ?? failure, {
      method: c.req.method,
      // The route and not the path, because the path of a shared thread contains its secret.
      route: routePath(c, -1),
      code: failure.code,
      settings: failure.code === "misconfigured" ? failure.message : undefined,
    });
  }
  return answerProblem(c, failure);
}

/** @returns the failure as problem details, with the headers that go with it. */
export function answerProblem(c: Context, failure: ApexError): Response {
  const problem: Problem = {
    ...problemOf(failure),
    instance: c.req.path,
    request_id: c.var.requestId,
  };
  const headers = new Headers({ "Content-Type": PROBLEM_JSON });
  if (failure.retryAfter !== undefined)
    headers.set("Retry-After", String(Math.ceil(failure.retryAfter)));
  if (failure.status === 401) headers.set("WWW-Authenticate", challenge(failure));
  const { status } = failure;
  const body = JSON.stringify({ ...problem, ...inTheirWords(c.req.path, failure) });
  return c.newResponse(body, new Response(null, { status, headers }));
}

/** @returns fields that clients of another protocol expect beside those of a problem. */
function inTheirWords(path: string, failure: ApexError): object {
  if (isOpenAiPath(path)) return { error: openAiError(failure) };
  // The `Status` message of OTLP/HTTP (https://opentelemetry.io/docs/specs/otlp/#failures).
  return path === TRACES_PATH ? { message: failure.message } : {};
}

function toApexError(error: Error): ApexError {
  if (!(error instanceof HTTPException)) return ApexError.from(error);
  if (error.status === 400) {
    return new ApexError("malformed_body", "The body is not valid JSON.");
  }
  if (error.status === 415) {
    return new ApexError("unsupported_media_type", "Send the body as application/json.");
  }
  return ApexError.from(error);
}

/** The `WWW-Authenticate` challenge. It names an error only if a token was sent (RFC 6750, section 3.1). */
function challenge({ code }: ApexError): string {
  const realm = 'Bearer realm="apex-edge"';
  if (code !== "token_invalid" && code !== "token_expired") return realm;
  return `${realm}, error="invalid_token", error_description="${TITLES[code]}"`;
}

/** Failures that any route may answer with. */
const EVERYWHERE: readonly ErrorCode[] = [
  "rate_limited",
  "internal",
  "unavailable",
  "misconfigured",
];

/** A new object, because zod-openapi can only name schemas that were made after its import. */
const schema = z.object(Problem.shape).openapi("Problem");

/**
 * The errors of a route for its OpenAPI description, to be spread into `responses`. They are thrown and never
 * returned, so the type tells handlers nothing of them.
 */
export function problems(...codes: ErrorCode[]): Record<never, never> {
  const byStatus = Map.groupBy([...codes, ...EVERYWHERE], (code) => FAILURES[code].status);
  return Object.fromEntries(
    Array.from(byStatus, ([status, alike]) => [
      status,
      {
        description: alike.map((code) => `\`${code}\`: ${TITLES[code]}.`).join(" "),
        content: {
          [PROBLEM_JSON]: {
            schema,
            examples: Object.fromEntries(
              alike.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
            ),
          },
        },
      },
    ]),
  );
}
