/** The router that every file of routes starts from, and the context of its handlers. */
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

/** The context of routes for signed-in users: it has a principal. */
export interface SignedInEnv extends AppEnv {
  Variables: AppEnv["Variables"] & { principal: Principal };
}

/** The part of a context that most functions need, signed in or not. */
export interface RequestContext {
  readonly req: { readonly raw: Request };
  readonly env: AppEnv["Bindings"];
  readonly executionCtx: { waitUntil(work: Promise<unknown>): void };
  readonly var: Readonly<AppEnv["Variables"]>;
}

/** The context of functions that also set headers of the answer. */
export interface AnswerContext extends RequestContext {
  readonly header: (name: string, value: string) => void;
}

/** Names the part of a request that did not parse, for the detail of its problem. */
const PARTS: Readonly<Record<string, string>> = { json: "the body", query: "the query" };

interface RouterOptions {
  /** Gives the path that a request is routed by; by default its own. */
  readonly getPath?: (request: Request) => string;
}

/**
 * @returns an empty router that parses what its routes declare. An invalid body or query is `invalid_fields`; a
 *   malformed id is `not_found`, so that it looks like an unknown one.
 */
export function createRouter({ getPath }: RouterOptions = {}): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    ...(getPath && { getPath }),
    defaultHook(result) {
      if (result.success) return;
      if (result.target === "param") throw notFound();
      // The parsed input is part of the result, though its type does not say so.
      const input = "data" in result ? result.data : undefined;
      throw invalidFields(result.error, input, PARTS[result.target] ?? "the request");
    },
  });
}
