/** A program: ClickHouse 26 (chdb) in a process, behind enough of ClickHouse's HTTP protocol for the official client. */
import { createServer } from "node:http";
import { createRequire } from "node:module";
import * as z from "zod";
import { type ClickhouseRequest, readRequest, refuse } from "./clickhouse-request.ts";

interface Session {
  query(sql: string, format?: string): string;
}

/** Installed beside this file alone, so its types are not there for the whole tree. */
const Engine = z.object({ Session: z.custom<new (path: string) => Session>() });
const require = createRequire(import.meta.url);
const { Session } = Engine.parse(require("chdb"));
const [path = "", port = "0"] = process.argv.slice(2);
const session = new Session(path);

const server = createServer(async (request, response) => {
  try {
    response.end(answer(await readRequest(request)));
  } catch (error) {
    refuse(response, error instanceof Error ? error.message : String(error));
  }
});
server.listen(Number(port), "127.0.0.1", () => {
  console.log(`listening ${JSON.stringify(server.address())}`);
});

/** Parameters reach the engine as they do a server: as settings of the statement, never as its text. */
function answer({ sql, parameters, settings }: ClickhouseRequest): string {
  session.query("USE default");
  for (const [name, value] of settings) {
    session.query(name === "database" ? `USE ${value}` : `SET ${name} = ${literal(value)}`);
  }
  for (const [name, value] of parameters) session.query(`SET param_${name} = ${literal(value)}`);
  return session.query(sql, "TabSeparated");
}

function literal(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
