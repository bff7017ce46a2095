/** The session of the era that has them: a name that a client repeats, and nothing that could be lost. */
import { newId } from "../../core/clock.ts";

const SESSION_HEADER = "Mcp-Session-Id";

const SESSION_ID = /^[\w-]{16,64}$/;

/** @returns the session's name, where a request has one that could be ours. */
export function sessionOf(headers: Headers): string | null {
  const session = headers.get(SESSION_HEADER);
  return session !== null && SESSION_ID.test(session) ? session : null;
}

/** @returns the answer to `initialize`, with a name for the session it begins. */
export function withSession(answer: Response): Response {
  const headers = new Headers(answer.headers);
  headers.set(SESSION_HEADER, newId());
  return new Response(answer.body, { status: answer.status, headers });
}
