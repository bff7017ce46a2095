/**
 * Stands before Debian's clickhouse-server 18.16, which is older than query parameters and some settings:
 * writes the values into the statement, passes on what the server knows, and fails exactly as it does. A
 * column that may be there it can't add: here a migration runs once.
 */
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  request as open,
  type ServerResponse,
} from "node:http";
import * as z from "zod";
import { type ClickhouseRequest, readRequest } from "./clickhouse-request.ts";

const PLACEHOLDER = /\{(\w+):([^}]+)\}/g;
const IF_MISSING = "ADD COLUMN IF NOT EXISTS";
const KNOWN_SETTINGS = [
  "database",
  "max_execution_time",
  "output_format_json_quote_64bit_integers",
];

export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

/** @param server the address of a server, which may go and come back. */
export async function startLegacyFront(server: string): Promise<Front> {
  const front = createServer((request, response) => void pass(request, response, server));
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  const { port } = z.object({ port: z.number() }).parse(front.address());
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      front.closeAllConnections();
      front.close();
      await once(front, "close");
    },
  };
}

/** What the server does to this connection, it does to the client's: answers, breaks off, is silent. */
async function pass(request: IncomingMessage, response: ServerResponse, server: string) {
  const asked = await readRequest(request);
  const address = new URL(server);
  for (const name of KNOWN_SETTINGS) {
    const value = asked.settings.get(name);
    if (value !== undefined) address.searchParams.set(name, value);
  }
  const upstream = open(address.href, { method: "POST", agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.on("error", () => response.destroy()).pipe(response);
  });
  upstream.on("error", () => response.destroy());
  response.on("close", () => upstream.destroy());
  upstream.end(withValues(asked));
}

/** @returns the statement with its values written as literals; what records hold is left as it is. */
function withValues({ sql, parameters }: ClickhouseRequest): string {
  const understood = sql.startsWith("INSERT") ? sql : sql.replaceAll(IF_MISSING, "ADD COLUMN");
  return understood.replaceAll(PLACEHOLDER, (placeholder, name: string, type: string) => {
    const value = parameters.get(name);
    if (value === undefined) return placeholder;
    return type === "String" ? `'${value}'` : value;
  });
}
