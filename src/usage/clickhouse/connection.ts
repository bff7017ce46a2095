/** The way to a ClickHouse server: every value bound, every row parsed, every failure in our own words. */
import { ClickHouseError, ClickHouseLogLevel, createClient } from "@clickhouse/client-web";
import * as z from "zod";
import { systemClock } from "../../core/clock.ts";
import { withDeadline } from "../../core/deadline.ts";
import { retry } from "../../core/retry.ts";
import { ApexError } from "../../protocol/errors.ts";

/** Where a server is, and as whom it is asked. */
export interface ClickhouseServer {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

/** What a placeholder `{name:Type}` of a query stands for. */
export type BoundValues = Readonly<Record<string, unknown>>;

/** A condition, and what is bound in it. */
export interface Condition {
  readonly sql: string;
  readonly values: BoundValues;
}

export interface ClickhouseConnection {
  /** @returns the rows, each by the names given for its columns, in that order. */
  query<Row extends z.ZodType>(
    row: Row,
    columns: readonly string[],
    sql: string,
    values?: BoundValues,
  ): Promise<z.output<Row>[]>;
  /** Inserts rows in one block, so all of them or none; their columns are those of the first. */
  insert(table: string, rows: readonly object[]): Promise<void>;
  /** Runs a statement that gives nothing back. */
  command(sql: string): Promise<void>;
  /** Deletes the rows of a table for which a condition holds, and waits until they are gone; safe to repeat. */
  remove(table: string, condition: Condition): Promise<void>;
}

/**
 * A connection that breaks is often an idle one that the server had closed. Statements are safe to repeat:
 * rows that were inserted after all count once.
 */
const ONCE_MORE = {
  tries: 2,
  initialMs: 50,
  maxMs: 100,
  isRetryable: (error: unknown) => !(error instanceof ClickHouseError),
  clock: systemClock,
};

const Answer = z.object({ data: z.array(z.array(z.unknown())) });
const Count = z.object({ rows: z.number() });

/** Between two looks at whether rows are gone, in milliseconds. */
const LOOK_MS = 100;

/**
 * @param deadlineMs how long one statement may take, in milliseconds; the server stops then as well.
 * @returns the connection: every method throws {@link ApexError} `unavailable` where the server fails.
 */
export function connectClickhouse(
  { url, username, password, database }: ClickhouseServer,
  deadlineMs: number,
): ClickhouseConnection {
  const client = createClient({
    url,
    username,
    password,
    database,
    application: "apex-edge",
    request_timeout: deadlineMs,
    // A log of the client's own would quote queries.
    log: { level: ClickHouseLogLevel.OFF },
    keep_alive: { enabled: false },
    // Values beyond the length of an address travel in the body.
    use_multipart_params_auto: true,
    clickhouse_settings: {
      output_format_json_quote_64bit_integers: 0,
      max_execution_time: Math.ceil(deadlineMs / 1000),
    },
  });

  /** Whatever goes wrong at the server is temporary to the caller. */
  async function attempt<Value>(work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    try {
      return await withDeadline(deadlineMs, (signal) =>
        retry(() => work(signal), { ...ONCE_MORE, signal }),
      );
    } catch (cause) {
      throw unreachable(cause);
    }
  }

  /**
   * A deletion rewrites the parts of a table. One whose asker lost patience goes on in the server, so who
   * asks again waits for it: each new one would be done after it, for nothing.
   */
  async function isBeingDeleted(table: string, values: BoundValues): Promise<boolean> {
    const named = Object.keys(values).map((name) => `position(command, {${name}:String}) > 0`);
    const underWay = `SELECT count() FROM system.mutations
      WHERE database = currentDatabase() AND table = {deleted_from:String} AND is_done = 0
        AND ${named.join(" AND ")}`;
    const [found] = await connection.query(Count, ["rows"], underWay, {
      ...values,
      deleted_from: table,
    });
    return found !== undefined && found.rows > 0;
  }

  const connection: ClickhouseConnection = {
    async query(row, columns, sql, values = {}) {
      const answer = await attempt(async (signal) => {
        const result = await client.query({
          query: sql,
          query_params: { ...values },
          format: "JSONCompact",
          abort_signal: signal,
        });
        return Answer.parse(await result.json());
      });
      return answer.data.map((values) =>
        row.parse(Object.fromEntries(columns.map((column, index) => [column, values[index]]))),
      );
    },

    async insert(table, rows) {
      const [first, ...others] = Object.keys(rows[0] ?? {});
      if (first === undefined) return;
      await attempt((signal) =>
        client.insert({
          table,
          columns: [first, ...others],
          values: rows,
          format: "JSONEachRow",
          abort_signal: signal,
        }),
      );
    },

    async command(sql) {
      await attempt((signal) => client.command({ query: sql, abort_signal: signal }));
    },

    /** Older servers do it in the background, whatever they are told. */
    async remove(table, { sql, values }) {
      const until = systemClock.now() + deadlineMs;
      const isGone = async () => {
        const count = `SELECT count() FROM ${table} WHERE ${sql}`;
        const [left] = await connection.query(Count, ["rows"], count, values);
        return left?.rows === 0;
      };
      while (!(await isGone())) {
        if (systemClock.now() > until) throw unreachable(new Error("Rows are left."));
        if (await isBeingDeleted(table, values)) {
          await systemClock.sleep(LOOK_MS);
          continue;
        }
        await attempt((signal) =>
          client.command({
            query: `ALTER TABLE ${table} DELETE WHERE ${sql}`,
            query_params: { ...values },
            clickhouse_settings: { mutations_sync: "1" },
            abort_signal: signal,
          }),
        );
      }
    },
  };
  return connection;
}

function unreachable(cause: unknown): ApexError {
  return new ApexError("unavailable", "The usage records cannot be reached just now.", {
    retryAfter: 5,
    cause,
  });
}
