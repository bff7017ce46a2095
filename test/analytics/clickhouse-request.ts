/** What a client of ClickHouse's HTTP protocol asks, read the way a server reads it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

export interface ClickhouseRequest {
  /** The statement, with the rows of an INSERT after it. */
  readonly sql: string;
  /** The values of `{name:Type}`, escaped as they travel. */
  readonly parameters: ReadonlyMap<string, string>;
  /** All else that the address says: settings, and the database. */
  readonly settings: ReadonlyMap<string, string>;
}

const PARAMETER = "param_";
/** What an address may hold that is no setting. */
const OF_THE_PROTOCOL = new Set(["query", "query_id", "role", "session_id"]);

/** @returns the request: its statement stands in the address, in the body, or in a form. */
export async function readRequest(request: IncomingMessage): Promise<ClickhouseRequest> {
  const fields = new Map(new URL(request.url ?? "/", "http://localhost").searchParams);
  const type = request.headers["content-type"] ?? "";
  const body = await text(request.setEncoding("latin1"));
  const bytes = Buffer.from(body, "latin1");
  let rows = "";
  if (type.startsWith("multipart/form-data")) {
    const form = await new Response(bytes, { headers: { "content-type": type } }).formData();
    for (const [name, value] of form) fields.set(name, String(value));
  } else if (fields.has("query")) {
    rows = `\n${bytes.toString("utf8")}`;
  } else {
    fields.set("query", bytes.toString("utf8"));
  }
  const named = [...fields].filter(([name]) => name.startsWith(PARAMETER));
  return {
    sql: `${fields.get("query")}${rows}`,
    parameters: new Map(named.map(([name, value]) => [name.slice(PARAMETER.length), value])),
    settings: new Map(
      [...fields].filter(([name]) => !name.startsWith(PARAMETER) && !OF_THE_PROTOCOL.has(name)),
    ),
  };
}

/** Answers as a server does that did not understand, or could not do it. */
export function refuse(response: ServerResponse, message: string): void {
  response.writeHead(500, { "content-type": "text/plain", "x-clickhouse-exception-code": "1" });
  response.end(message);
}
