/** All that ClickHouse keeps of one workspace: counted, read whole, and deleted. */
import * as z from "zod";
import { RECORD_COLUMNS } from "../d1-rows.ts";
import { type ClickhouseServer, connectClickhouse } from "./connection.ts";

/** Rows that are read at once. */
const PAGE = 1_000;
/** How long one statement may take, in milliseconds. */
const DEADLINE_MS = 10_000;

/** The tables, by the names that an export has for them, and what their rows are read by. */
const TABLES = [
  {
    name: "quarantine",
    columns: ["workspace_id", "record_id", "reason", "record", "line", "import_id"],
    key: ["record_id"],
    start: { record_id: "" },
  },
  {
    name: "records",
    columns: [...RECORD_COLUMNS, "import_id"],
    key: ["ts", "record_id"],
    start: { ts: -1, record_id: "" },
  },
] as const;
type TableName = (typeof TABLES)[number]["name"];

const TYPES = { ts: "Int64", record_id: "String" } as const;

const OWN = "workspace_id = {workspace:String}";
const Row = z.record(z.string(), z.unknown());
const Count = z.object({ rows: z.number() });

/** Every method of it throws `ApexError` `unavailable` where the server fails. */
export function clickhouseWorkspaceRows(server: ClickhouseServer, workspace: string) {
  const connection = connectClickhouse(server, DEADLINE_MS);
  return {
    /** @returns how many rows of each kind there are. */
    async count(): Promise<Record<string, number>> {
      const counts = await Promise.all(
        TABLES.map(async ({ name }) => {
          const sql = `SELECT count() FROM usage_${name} FINAL WHERE ${OWN}`;
          const [count] = await connection.query(Count, ["rows"], sql, { workspace });
          return [`analytics_${name}`, count?.rows ?? 0] as const;
        }),
      );
      return Object.fromEntries(counts);
    },

    /** @returns every row, page after page. */
    async *pages(): AsyncGenerator<{ table: TableName; rows: z.infer<typeof Row>[] }> {
      for (const { name, columns, key, start } of TABLES) {
        const list = key.join(", ");
        const place = key.map((column) => `{${column}:${TYPES[column]}}`).join(", ");
        const sql = `SELECT ${columns.join(", ")} FROM usage_${name} FINAL
          WHERE ${OWN} AND (${list}) > (${place}) ORDER BY ${list} LIMIT ${PAGE}`;
        let after: z.infer<typeof Row> = start;
        for (;;) {
          const rows = await connection.query(Row, columns, sql, { workspace, ...after });
          yield { table: name, rows };
          const last = rows.at(-1);
          if (last === undefined || rows.length < PAGE) break;
          after = Object.fromEntries(key.map((column) => [column, last[column]]));
        }
      }
    },

    /** Leaves nothing of it; safe to repeat. */
    async delete(): Promise<void> {
      for (const { name } of TABLES) {
        await connection.remove(`usage_${name}`, { sql: OWN, values: { workspace } });
      }
    },
  };
}
