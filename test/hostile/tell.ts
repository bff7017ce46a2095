/** What an operation answers, without what names the request itself. */
import { ask } from "../worker/http/ask.ts";
import { isSocket, type Operation } from "./operations.ts";

interface Told {
  readonly path: string;
  readonly body?: unknown;
  /** Null for nobody's. */
  readonly bearer: string | null;
  readonly headers?: Record<string, string>;
}

/** @returns the status, text and headers of an operation's answer: the same for the same things. */
export async function tell(operation: Operation, { path, body, bearer, headers: more }: Told) {
  const response = await ask(path, {
    method: operation.method,
    body,
    ...(bearer !== null && { token: bearer }),
    headers: { ...(isSocket(operation) && { upgrade: "websocket" }), ...more },
  });
  const text = response.status === 101 ? "a socket" : await response.text();
  const headers = [...response.headers].filter(([name]) => !VARYING.test(name));
  return { status: response.status, text: text.replaceAll(NAMES, '"$1":""'), headers };
}

const NAMES = /"(instance|request_id)":"[^"]*"/g;
/** What tells of the request, and of how much its user has left. */
const VARYING = /^(x-request-id|traceresponse|(x-)?ratelimit|content-length|date)/;
