/**
 * A model endpoint for tests: real HTTP, chat completions over SSE, every failure on demand.
 *
 * Each API key has a script of its own, so tests that run at once don't disturb each other. A step
 * answers one request; when the script is used up, {@link defaultStep} answers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { streamData, wholeBody } from "./completion.ts";
import { defaultStep } from "./default-brain.ts";
import { CompletionRequest, Script, type SeenRequest, Step, type StepInput } from "./step.ts";

/** Requests of a key that are kept; past them nobody is told of any, for the count would be wrong. */
const MAX_SEEN = 5_000;

export interface ModelServer {
  /** `http://127.0.0.1:<port>`; the base URL of a client is `${url}/v1`. */
  readonly url: string;
  /** Replaces the script of an API key. */
  script(key: string, steps: readonly StepInput[]): void;
  /**
   * @returns what the server got with an API key since it was last forgotten, oldest first.
   * @throws where that is more than is kept.
   */
  requests(key: string): readonly SeenRequest[];
  close(): Promise<void>;
}

/** Starts the server on a free port of the loopback, or on the one given. */
export async function startModelServer({ port = 0 } = {}): Promise<ModelServer> {
  const scripts = new Map<string, Step[]>();
  const seen = new Map<string, SeenRequest[]>();
  const closing = new AbortController();

  const requests = (key: string) => {
    const kept = seen.get(key) ?? [];
    if (kept.length > MAX_SEEN) throw new Error(`There were more than ${MAX_SEEN} requests`);
    return kept;
  };
  const script = (key: string, steps: readonly StepInput[]) => {
    scripts.set(
      key,
      steps.map((step) => Step.parse(step)),
    );
  };

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const key = request.headers.authorization?.replace(/^Bearer /i, "") ?? "";
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const route = `${request.method} ${pathname.replace(/^\/v1/, "")}`;
    switch (route) {
      case "GET /requests":
        return sendJson(response, 200, requests(key));
      case "DELETE /requests":
        seen.delete(key);
        return response.writeHead(204).end();
      case "POST /script":
        script(key, Script.parse(await readJson(request)).steps);
        return response.writeHead(204).end();
      case "POST /chat/completions": {
        const json = await readJson(request);
        const at = performance.timeOrigin + performance.now();
        const body = CompletionRequest.parse(json);
        const { traceparent } = request.headers;
        const entry: SeenRequest = {
          body,
          at,
          aborted: false,
          traceparent: typeof traceparent === "string" ? traceparent : null,
        };
        const kept = seen.get(key) ?? [];
        if (kept.length <= MAX_SEEN) seen.set(key, [...kept, entry]);
        const gone = new AbortController();
        response.on("close", () => {
          entry.aborted = !response.writableFinished;
          gone.abort();
        });
        const step = scripts.get(key)?.shift() ?? defaultStep(body);
        return await play(step, body, response, AbortSignal.any([gone.signal, closing.signal]));
      }
      default:
        return sendJson(response, 404, { error: { message: `There is no ${route}` } });
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else sendJson(response, 400, { error: { message: String(error) } });
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");

  return {
    url: `http://127.0.0.1:${address.port}`,
    script,
    requests,
    close() {
      closing.abort();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Plays one step. Ends quietly when the caller hangs up. */
async function play(
  step: Step,
  request: CompletionRequest,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  await pause(step.delay_ms, undefined, { signal: gone });
  if (step.hang === "before_headers") return;
  if (step.status !== 200) {
    response.writeHead(step.status, { "content-type": "application/json", ...step.headers });
    response.end(step.body);
    return;
  }
  if (!request.stream) {
    response.writeHead(200, { "content-type": "application/json", ...step.headers });
    response.end(wholeBody(step, request));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream", ...step.headers });
  response.flushHeaders();
  if (step.hang === "after_headers") return;
  let events = 0;
  let bytes = 0;
  for (const data of streamData(step, request)) {
    if (events === step.cut_after_events) return cut(response);
    const event = Buffer.from(`data: ${data}\n\n`);
    const room = (step.cut_after_bytes ?? Number.POSITIVE_INFINITY) - bytes;
    for (const part of split(event.subarray(0, room), step.write_bytes ?? event.length)) {
      await write(response, part);
    }
    if (room <= event.length) return cut(response);
    events += 1;
    bytes += event.length;
    if (step.pace_ms > 0) await pause(step.pace_ms, undefined, { signal: gone });
  }
  if (!step.hang) response.end();
}

/** Closes the connection without the end of the chunked body: what a dying endpoint looks like. */
function cut(response: ServerResponse): void {
  response.destroy();
}

/** Resolves when the bytes have left the process, so that a cut never takes them along. */
function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function* split(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString("utf8"));
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

if (import.meta.main) {
  const { url } = await startModelServer({ port: Number(process.env.PORT ?? 0) });
  console.log(`Model server at ${url}/v1`);
}
