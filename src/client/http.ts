/** HTTP as the client sees it: every answer parsed, every failure an ApexError, every wait bounded. */
import * as z from "zod";
import { ApexError } from "../protocol/errors.ts";
import type { ErrorCode } from "../protocol/failures.ts";
import { Problem } from "../protocol/problem.ts";

/** The part of `fetch` the client needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** From the root of the API: `/api/threads`. */
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
}

/** The schema of an answer without a body (204). */
export const Nothing = z.undefined();

/** How long one request may take, its body included, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

export class HttpClient {
  readonly #baseUrl: string;
  readonly #fetch: Fetch;

  constructor(baseUrl: string, fetch: Fetch) {
    this.#baseUrl = baseUrl;
    this.#fetch = fetch;
  }

  /**
   * @returns the answer, parsed by its schema.
   * @throws {ApexError} the server's problem; `unavailable` where the server could not be reached
   * in time; `internal` where its answer is not what was promised.
   */
  async request<Schema extends z.ZodType>(
    schema: Schema,
    request: HttpRequest,
  ): Promise<z.output<Schema>> {
    const { status, ok, body } = await this.#exchange(request);
    if (!ok) throw refusal(status, body);
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new ApexError("internal", `The answer to ${request.path} has an unexpected form.`, {
      cause: parsed.error,
    });
  }

  async #exchange({ method, path, token, body, query = {} }: HttpRequest) {
    const headers = {
      accept: "application/json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    };
    try {
      const response = await this.#fetch(`${this.#baseUrl}${path}${queryString(query)}`, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      return { status: response.status, ok: response.ok, body: readJson(await response.text()) };
    } catch (cause) {
      throw new ApexError("unavailable", `The server at ${this.#baseUrl} could not be reached.`, {
        cause,
      });
    }
  }
}

function queryString(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

/** @returns the value; undefined for an empty body, or one that is not JSON (a proxy's page). */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A newer server may know codes that this client does not: the status still says what to do. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  413: "too_large",
  422: "invalid_fields",
  429: "rate_limited",
};

const Detail = z.object({ detail: z.string() });

function refusal(status: number, body: unknown): ApexError {
  const problem = Problem.safeParse(body);
  if (problem.success) return ApexError.fromProblem(problem.data);
  const { data } = Detail.safeParse(body);
  const code = CODE_OF_STATUS[status] ?? (status >= 500 ? "unavailable" : "internal");
  return new ApexError(code, data?.detail ?? `The server answered with status ${status}.`);
}
