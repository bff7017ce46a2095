/** Requests over a connection of their own, sent as they are told: no client mends or refuses them. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { within } from "./within.ts";

/** What any answer may take, in milliseconds: far more than any needs, and no hang. */
const DEADLINE_MS = 60_000;

/** How the end of a body is told: by its length, by an empty chunk, or not at all, as there is none. */
export type Framing = "length" | "chunked" | "none";

export interface Sent {
  readonly method?: string;
  /** Goes as it stands. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | ReadableStream | undefined;
  readonly framing?: Framing;
}

/** @returns the answer; read to its end, but where it is a stream of events, which has none. */
export async function send(url: string, sent: Sent): Promise<Response> {
  const { hostname, port } = new URL(url);
  const { method = "GET", path, body } = sent;
  const isStream = body instanceof ReadableStream;
  const framing = sent.framing ?? (body === undefined ? "none" : isStream ? "chunked" : "length");
  const outgoing = request({ hostname, port, method, path, agent: false });
  for (const [name, value] of Object.entries(sent.headers ?? {})) outgoing.setHeader(name, value);
  for (const name of ["content-length", "transfer-encoding"]) {
    if (sent.headers?.[name] === undefined) outgoing.removeHeader(name);
  }
  if (framing === "length") outgoing.setHeader("content-length", Buffer.byteLength(textOf(body)));
  if (framing === "chunked") outgoing.setHeader("transfer-encoding", "chunked");
  const answered = once(outgoing, "response");
  try {
    // Who is refused before the end is not read to the end, and finds the connection closed.
    if (isStream) pipeline(Readable.from(body), outgoing).catch(() => undefined);
    else outgoing.end(body);
    const told = () => `${method} ${path.slice(0, 200)} without an answer`;
    return await within(
      DEADLINE_MS,
      answered.then(([incoming]) => read(incoming)),
      told,
    );
  } finally {
    outgoing.on("error", () => undefined).destroy();
  }
}

function textOf(body: Sent["body"]): string | Uint8Array {
  return body === undefined || body instanceof ReadableStream ? "" : body;
}

async function read(incoming: IncomingMessage): Promise<Response> {
  const { statusCode: status = 0, rawHeaders } = incoming;
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  }
  if (headers.get("content-type")?.startsWith("text/event-stream")) {
    return new Response(null, { status, headers });
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of incoming) pieces.push(piece);
  const hasBody = pieces.length > 0;
  return new Response(hasBody ? Buffer.concat(pieces) : null, { status, headers });
}
