/** Deletion from a server that takes its time over it, as one does whose table is large. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { migrateClickhouse } from "../../scripts/clickhouse-migrations.ts";
import { connectClickhouse } from "../../src/usage/clickhouse/connection.ts";
import { clickhouseUsageStore } from "../../src/usage/clickhouse/store.ts";
import { series } from "../unit/usage/stored-records.ts";
import { startLegacy } from "./both-engines.ts";
import { type Engine, hasClickhouseServer, mustRun } from "./engines.ts";

const Count = z.object({ rows: z.number() });

describe.skipIf(!mustRun(hasClickhouseServer))("a deletion that takes its time", () => {
  const server = { username: "default", password: "", database: "default", url: "" };
  let engine: Engine;
  beforeAll(async () => {
    engine = await startLegacy();
    server.url = engine.url;
    await migrateClickhouse(server);
  });
  afterAll(() => engine?.close());

  it("is asked for once, however often it is tried, and apart from others", async () => {
    const { ingest, extent } = clickhouseUsageStore(server);
    await ingest(series("leaving", 3));
    await ingest(series("moving", 3));
    const operator = connectClickhouse(server, 30_000);
    const impatient = connectClickhouse(server, 500);
    const remove = (workspace: string, connection = impatient) =>
      connection.remove("usage_records", {
        sql: "workspace_id = {workspace:String}",
        values: { workspace },
      });

    await operator.command("SYSTEM STOP MERGES usage_records");
    await expect(remove("leaving")).rejects.toMatchObject({ code: "unavailable" });
    await expect(remove("leaving")).rejects.toMatchObject({ code: "unavailable" });
    await expect(remove("moving")).rejects.toMatchObject({ code: "unavailable" });
    const underWay = "SELECT count() FROM system.mutations WHERE is_done = 0";
    expect(await operator.query(Count, ["rows"], underWay)).toEqual([{ rows: 2 }]);

    await operator.command("SYSTEM START MERGES usage_records");
    // The server looks for work when it is told something, or seconds later.
    await ingest(series("staying", 3));
    await remove("leaving", operator);
    await remove("moving", operator);
    expect(await extent("leaving")).toBeNull();
    expect(await extent("moving")).toBeNull();
    expect(await extent("staying")).toMatchObject({ records: 3 });
  });
});
