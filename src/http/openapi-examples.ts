/** What no schema says of an operation: bodies and answers as they look, and the other names of its path. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { ApexError } from "../protocol/errors.ts";
import { ERROR_CODES, type ErrorCode } from "../protocol/failures.ts";
import { RunId } from "../protocol/ids.ts";
import { problemOf } from "../protocol/problem-of.ts";
import { TITLES } from "../protocol/titles.ts";
import { aliasesOf } from "./aliases.ts";
import type { BodyExamples } from "./body-examples.ts";
import type { AppEnv } from "./router.ts";

type App = OpenAPIHono<AppEnv>;
type Document = ReturnType<App["getOpenAPI31Document"]>;

/** An answer that an operation gave, its ids, times and tokens apart. */
interface AnswerExample {
  readonly status: number;
  readonly type: string;
  readonly example: unknown;
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/**
 * Puts the examples into the document. Answers are those that the contract test was given
 * (`npm run examples:record`), so they are read only when somebody asks for the document.
 */
export async function describeExamples(document: Document, bodies: BodyExamples): Promise<void> {
  const { default: recorded } = await import("./answer-examples.json");
  const answers = new Map<string, AnswerExample>(Object.entries(recorded));
  for (const [path, operations] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = operations[method];
      if (operation === undefined) continue;
      const name = `${method.toUpperCase()} ${path}`;
      const { requestBody } = operation;
      const body = requestBody && "content" in requestBody ? requestBody.content : {};
      const json = body["application/json"];
      if (json && bodies[name] !== undefined) json.example = bodies[name];
      const answer = answers.get(name);
      const told = answer && operation.responses?.[answer.status]?.content?.[answer.type];
      if (told) told.example = answer.example;
      const aliases = aliasesOf(method.toUpperCase(), path);
      if (aliases.length > 0) operation["x-aliases"] = aliases;
    }
  }
}

/** Names an example of every failure, which the answers of the operations refer to. */
export function registerProblemExamples(registry: App["openAPIRegistry"]): void {
  for (const code of ERROR_CODES) {
    const value = problemOf(new ApexError(code, `${TITLES[code]}.`, EXTENSIONS[code]));
    registry.registerComponent("examples", code, { summary: TITLES[code], value });
  }
}

/** What some problems tell beside the rest. */
const EXTENSIONS: { readonly [Code in ErrorCode]?: ConstructorParameters<typeof ApexError>[2] } = {
  invalid_fields: { errors: [{ field: "content", message: "must not be empty" }] },
  rate_limited: { retryAfter: 60 },
  quota_exceeded: {
    retryAfter: 42,
    limit: {
      name: "messages",
      limit: 60,
      used: 60,
      remaining: 0,
      window_seconds: 60,
      resets_at: "2026-11-03T10:01:00.000Z",
    },
  },
  thread_busy: { activeRunId: RunId.parse("019aa5c2-7d10-7c3e-9f4b-000000000001.1") },
};
