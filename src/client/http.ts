/** HTTP as the client sees it: every answer checked, every failure an ApexError, every wait bounded. */
import { ApexError } from "../protocol/errors.ts";
import { codeOfStatus } from "../protocol/failures.ts";
import { type Check, isObject } from "./checks.ts";
import { isProblem } from "./entities.ts";
import { readJson } from "./incoming.ts";

/** The part of `fetch` the client needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From the root of the API: `/api/threads`. */
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
  /** A file in the place of a body; it goes out as it stands, under its own type. */
  readonly file?: Blob;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Goes out also where the page that asks is on its way out. */
  readonly keepalive?: boolean;
}

/** An answer without a body (204). */
export function isNothing(value: unknown): value is undefined {
  return value === undefined;
}

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
   * @returns the answer, in the form that was promised.
   * @throws {ApexError} the server's problem; `unavailable` where the server could not be reached
   * in time; `internal` where its answer is not what was promised.
   */
  async request<Answer>(isAnswer: Check<Answer>, request: HttpRequest): Promise<Answer> {
    const body = readJson(await this.text(request));
    if (isAnswer(body)) return body;
    throw new ApexError("internal", `The answer to ${request.path} has an unexpected form.`);
  }

  /** @returns the answer as it stands. @throws {ApexError} as {@link request} does. */
  async text(request: HttpRequest): Promise<string> {
    const response = await this.#exchange(request, AbortSignal.timeout(REQUEST_TIMEOUT_MS));
    const text = await this.#reach(() => response.text());
    if (!response.ok) throw refusal(response, readJson(text));
    return text;
  }

  /**
   * @param signal ends the stream, and the wait for it.
   * @returns the answer's bytes as they come.
   * @throws {ApexError} as {@link request} does.
   */
  async stream(request: HttpRequest, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#exchange(request, signal);
    if (response.ok && response.body !== null) return response.body;
    throw refusal(response, readJson(await this.#reach(() => response.text())));
  }

  #exchange(request: HttpRequest, signal: AbortSignal): Promise<Response> {
    const { method, path, token, body, file, query = {} } = request;
    const headers = {
      accept: "application/json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...request.headers,
    };
    return this.#reach(() =>
      this.#fetch(`${this.#baseUrl}${path}${queryString(query)}`, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(file && { body: file }),
        ...(request.keepalive && { keepalive: true }),
        signal,
      }),
    );
  }

  async #reach<Result>(attempt: () => Promise<Result>): Promise<Result> {
    try {
      return await attempt();
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

/** The body of a failure may be a proxy's: the status, and its header, still say what to do. */
function refusal({ status, headers }: Response, body: unknown): ApexError {
  if (isProblem(body)) return ApexError.fromProblem({ ...body, status });
  const detail = isObject(body) && typeof body.detail === "string" ? body.detail : null;
  const seconds = Number.parseInt(headers.get("retry-after") ?? "", 10);
  return new ApexError(
    codeOfStatus(status),
    detail ?? `The server answered with status ${status}.`,
    seconds >= 0 ? { retryAfter: seconds } : {},
  );
}
