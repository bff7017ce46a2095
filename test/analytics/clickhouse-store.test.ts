/**
 * The usage store over real ClickHouse, held to what the one over D1 is held to: over version 26, and over
 * 18.16, whose front writes the values into the statements since that server knows no query parameters.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { migrateClickhouse, missingMigrations } from "../../scripts/clickhouse-migrations.ts";
import { connectClickhouse } from "../../src/usage/clickhouse/connection.ts";
import { clickhouseUsageStore } from "../../src/usage/clickhouse/store.ts";
import { usageRecord } from "../unit/usage/records.ts";
import { holdToContract } from "../unit/usage/store-contract.ts";
import { everything, INVENTED_COUNTS, series } from "../unit/usage/stored-records.ts";
import { ENGINES } from "./both-engines.ts";
import { type Engine, mustRun } from "./engines.ts";

const UNCOUNTED = join(
  import.meta.dirname,
  "../../migrations/clickhouse/0006_uncounted_buckets.sql",
);

const QUARANTINED = ["record_id", "reason", "record"] as const;
const Quarantined = z.object({ record_id: z.string(), reason: z.string(), record: z.string() });

for (const { name, here, start, readsEveryDouble, runs } of ENGINES) {
  describe.skipIf(!mustRun(here))(`a usage store over ${name}`, () => {
    let engine: Engine;
    /** Known once the engine runs, and stores are made before. */
    const server = { username: "default", password: "", database: "default", url: "" };

    beforeAll(async () => {
      engine = await start();
      server.url = engine.url;
    });
    afterAll(() => engine?.close());

    it("is told from one that does not answer before its first migration: it lacks them all", async () => {
      expect(await missingMigrations(connectClickhouse(server, 10_000))).toHaveLength(6);
    });

    it("migrates once, however often it is asked to", async () => {
      expect(await migrateClickhouse(server)).toEqual([
        "0001_usage_records.sql",
        "0002_usage_quarantine.sql",
        "0003_usage_records_import.sql",
        "0004_usage_quarantine_import.sql",
        "0005_usage_records_context.sql",
        "0006_uncounted_buckets.sql",
      ]);
      expect(await migrateClickhouse(server)).toEqual([]);
    });

    holdToContract({
      readsEveryDouble,
      runs,
      open: (prices) => lazily(() => clickhouseUsageStore(server, prices ? { prices } : {})),
      quarantine: (workspaceId) =>
        connectClickhouse(server, 10_000).query(
          Quarantined,
          QUARANTINED,
          `SELECT record_id, reason, record FROM usage_quarantine FINAL
           WHERE workspace_id = {workspaceId:String} ORDER BY record_id`,
          { workspaceId },
        ),
    });

    it("counts a record once that two imports brought at the same moment, before parts are merged", async () => {
      const store = clickhouseUsageStore(server);
      const connection = connectClickhouse(server, 10_000);
      await store.ingest(series("race", 10));
      // What a check in between does not catch: the same rows in a part of their own.
      await connection.command(
        "INSERT INTO usage_records SELECT * FROM usage_records WHERE workspace_id = 'race'",
      );
      const [rows] = await connection.query(
        z.object({ n: z.number() }),
        ["n"],
        "SELECT count() FROM usage_records WHERE workspace_id = 'race'",
      );
      expect(rows?.n).toBe(20);
      expect(await store.extent("race")).toMatchObject({ records: 10 });
      expect((await store.groups(everything("race"), []))[0]?.sums.records).toBe(10);
    });

    it("has no invented number of calls, of those stored before it was left open either", async () => {
      const store = clickhouseUsageStore(server);
      const connection = connectClickhouse(server, 10_000);
      await store.ingest(
        INVENTED_COUNTS.map(({ record }) => usageRecord({ ...record, workspace_id: "invented" })),
      );
      await connection.command(await readFile(UNCOUNTED, "utf8"));
      const columns = ["record_id", "n_requests", "context_tokens"] as const;
      const rows = () =>
        connection.query(
          z.record(z.enum(columns), z.unknown()),
          columns,
          `SELECT ${columns.join(", ")} FROM usage_records WHERE workspace_id = 'invented' ORDER BY record_id`,
        );
      const expected = INVENTED_COUNTS.map(({ record, becomes: [n_requests, context_tokens] }) => ({
        record_id: record.record_id,
        n_requests,
        context_tokens,
      })).toSorted((one, other) => (one.record_id < other.record_id ? -1 : 1));
      await expect.poll(rows, { timeout: 20_000 }).toEqual(expected);
    });

    it("is unavailable, and says when to try again, where it is not there", async () => {
      const gone = clickhouseUsageStore({ ...server, url: "http://127.0.0.1:9" });
      const failure = { code: "unavailable", retryAfter: 5 };
      await expect(gone.extent("any")).rejects.toMatchObject(failure);
      await expect(gone.ingest(series("any", 1))).rejects.toMatchObject(failure);
      const foreign = clickhouseUsageStore({ ...server, database: "nowhere" });
      await expect(foreign.groups(everything("any"), [])).rejects.toMatchObject(failure);
    });
  });
}

/** @returns what `make` gives at its first use. */
function lazily<Value extends object>(make: () => Value): Value {
  let made: Value | null = null;
  return new Proxy(Object.create(null), {
    get(_, name) {
      made ??= make();
      return Reflect.get(made, name);
    },
  });
}
