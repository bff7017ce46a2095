/** The router every route file starts from, and what its handlers find in their context. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Principal } from "../auth/principal.ts";
import type { Span } from "../core/trace.ts";
import type { Config } from "../env.ts";
import { invalidFields } from "../protocol/parse-input.ts";
import { notFound } from "./problems.ts";

export interface AppEnv {
  Bindings: Cloudflare.Env;
  Variables: { requestId: string; config: Config; span: Span };
}

/** The context behind `authenticate`: there is a principal. */
export interface SignedInEnv extends AppEnv {
  Variables: AppEnv["Variables"] & { principal: Principal };
}

/** What functions beside the handlers read of a context, signed in or not. */
export interface RequestContext {
  readonly req: { readonly raw: Request };
  readonly env: AppEnv["Bindings"];
  readonly executionCtx: { waitUntil(work: Promise<unknown>): void };
  readonly var: Readonly<AppEnv["Variables"]>;
}

/** The context of functions that have something to say in the answer's headers as well. */
export interface AnswerContext extends RequestContext {
  readonly header: (name: string, value: string) => void;
}

/** Names the part of a request that did not parse, for the detail of its problem. */
const PARTS: Readonly<Record<string, string>> = { json: "the body", query: "the query" };

interface RouterOptions {
  /** By which path a request is routed; without it, by its own. */
  readonly getPath?: (request: Request) => string;
}

/**
 * @returns an empty router that parses what its routes declare: a body or query at fault is
 *   `invalid_fields`; a malformed id is `not_found`, for it must look like one that does not exist.
 */
export function createRouter({ getPath }: RouterOptions = {}): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    ...(getPath && { getPath }),
    defaultHook(result) {
      if (result.success) return;
      if (result.target === "param") throw notFound();
      // What was parsed is with its result, of which the types know nothing.
      const input = "data" in result ? result.data : undefined;
      throw invalidFields(result.error, input, PARTS[result.target] ?? "the request");
    },
  });
}
