/** Requests to the app as the platform would bring them: the real app, the real D1, no network between. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { DOOR_EXAMPLES } from "../../../src/doors/body-examples.ts";
import { doorRoutes } from "../../../src/doors/door-routes.ts";
import { createApp } from "../../../src/http/app.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { Problem } from "../../../src/protocol/problem.ts";

const app = createApp(doorRoutes(), DOOR_EXAMPLES);

export const ORIGIN = "https://apex.test";

export interface Asked {
  readonly method?: string;
  /** Sent as JSON, but for text and streams, which are sent as they stand. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** An access token. */
  readonly token?: string;
  /** Bindings that differ from those of the tests. */
  readonly bindings?: object;
}

/** Asks the app; a body is sent as JSON by POST where nothing else is said. @returns its answer, once nothing goes on behind it. */
export async function ask(path: string, asked: Asked = {}): Promise<Response> {
  const { answer, settled } = begin(path, asked);
  const response = await answer;
  await settled();
  return response;
}

/** As {@link ask}, for who looks at the answer before what goes on behind it is done. */
export function begin(path: string, asked: Asked = {}) {
  const { body, token, bindings } = asked;
  const headers = new Headers({
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...asked.headers,
  });
  const request = new Request(new URL(path, ORIGIN), {
    method: asked.method ?? (body === undefined ? "GET" : "POST"),
    headers,
    ...(body !== undefined && { body: isRaw(body) ? body : JSON.stringify(body) }),
  });
  const context = createExecutionContext();
  return {
    answer: Promise.resolve(app.fetch(request, environmentWith(bindings), context)),
    settled: () => waitOnExecutionContext(context),
  };
}

/** What an isolate remembers goes by its bindings, so the same ones are the same isolate. */
const environments = new WeakMap<object, Cloudflare.Env>();

function environmentWith(bindings: object = {}): Cloudflare.Env {
  const environment = environments.get(bindings) ?? { ...env, ...bindings };
  environments.set(bindings, environment);
  return environment;
}

function isRaw(body: unknown): body is string | ReadableStream {
  return typeof body === "string" || body instanceof ReadableStream;
}

/** @returns the problem of an answer, which must be one, of this status. */
export async function problemOf(response: Response): Promise<Problem> {
  const problem = Problem.parse(await response.json());
  if (response.headers.get("content-type") !== "application/problem+json") {
    throw new Error("a problem must travel as application/problem+json");
  }
  if (problem.status !== response.status) throw new Error("a problem must name its own status");
  return problem;
}

/** @returns the credentials of somebody new. */
export async function signUp(): Promise<Credentials & { readonly password: string }> {
  const password = "correct horse battery";
  const body = { email: `person-${crypto.randomUUID()}@example.com`, password };
  const response = await ask("/api/auth/register", { body });
  return { ...Credentials.parse(await response.json()), password };
}
