/**
 * The way of usage into real ClickHouse, held to what the one into D1 is held to, and to more: a server that
 * is killed in the middle of an import, with which the ledger in D1 shares no transaction.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { migrateClickhouse } from "../../scripts/clickhouse-migrations.ts";
import { UserId } from "../../src/protocol/ids.ts";
import { type ClickhouseServer, connectClickhouse } from "../../src/usage/clickhouse/connection.ts";
import { ClickhouseIntake } from "../../src/usage/clickhouse/intake.ts";
import { clickhouseUsageStore } from "../../src/usage/clickhouse/store.ts";
import { clickhouseWorkspaceRows } from "../../src/usage/clickhouse/workspace-rows.ts";
import { BATCH_ROWS } from "../../src/usage/import/batches.ts";
import { ownRecord } from "../../src/usage/own-calls.ts";
import { ownUsageWriter } from "../../src/usage/own-usage-writer.ts";
import { memoryLog } from "../unit/core/memory-log.ts";
import { failingOnce, importing } from "../unit/usage/importing.ts";
import { holdIntakeToContract } from "../unit/usage/intake-contract.ts";
import { everything, series } from "../unit/usage/stored-records.ts";
import { standing } from "../unit/usage/workspaces.ts";
import { ENGINES, startLegacy } from "./both-engines.ts";
import {
  type ClickhouseServerProcess,
  type Engine,
  hasClickhouseServer,
  mustRun,
} from "./engines.ts";
import { type LedgerDatabase, startLedgerDatabase } from "./ledger-database.ts";

const COLUMNS = ["record_id", "import_id"] as const;
const Stored = z.object({ record_id: z.string(), import_id: z.string().nullable() });

const AS_DEFAULT = { username: "default", password: "", database: "default" } as const;

for (const { name, here, start } of ENGINES) {
  describe.skipIf(!mustRun(here))(`an intake over ${name}`, () => {
    let engine: Engine;
    let ledger: LedgerDatabase;
    const server = { ...AS_DEFAULT, url: "" };

    beforeAll(async () => {
      [engine, ledger] = await Promise.all([start(), startLedgerDatabase()]);
      server.url = engine.url;
      await migrateClickhouse(server);
      await standing(ledger.db, "claimed", "kept", "keeper");
    });
    afterAll(() => Promise.all([engine?.close(), ledger?.close()]));

    const open = (workspaceId: string, db = ledger.db) =>
      new ClickhouseIntake({ server, db }, workspaceId);
    const stored = (workspaceId: string) =>
      connectClickhouse(server, 10_000).query(
        Stored,
        COLUMNS,
        "SELECT record_id, import_id FROM usage_records FINAL WHERE workspace_id = {workspaceId:String}",
        { workspaceId },
      );

    holdIntakeToContract({
      database: () => ledger.db,
      open,
      stored,
    });

    it("holds an import, of which a batch may be on its way, to that file, and back until it has arrived", async () => {
      const file = series("claimed", 10);
      const torn = open("claimed", failingOnce(ledger.db, 3, "undone"));
      await expect(importing(torn, "claimed", file)).rejects.toMatchObject({ code: "unavailable" });
      expect(await stored("claimed")).toHaveLength(10);

      const other = importing(open("claimed"), "claimed", series("claimed", 11));
      await expect(other).rejects.toMatchObject({ code: "import_conflict" });
      const now = Date.now();
      const refused = open("claimed").takeBack("mine", now);
      await expect(refused).rejects.toMatchObject({
        code: "import_conflict",
        retryAfter: expect.any(Number),
      });
      expect(await open("claimed").imports.find("mine")).toMatchObject({ status: "rolling_back" });
      expect(await open("claimed").takeBack("mine", now + 30_001)).toBe(true);
      expect(await stored("claimed")).toEqual([]);
    });

    it("counts, tells and deletes what it keeps of one workspace, and of no other", async () => {
      const rows = [...series("kept", 1_003), { hello: 1 }];
      await importing(open("kept"), "kept", rows);
      await importing(open("keeper"), "keeper", series("keeper", 2));
      const kept = clickhouseWorkspaceRows(server, "kept");
      expect(await kept.count()).toEqual({ analytics_records: 1_003, analytics_quarantine: 1 });
      const told: Record<string, unknown[]> = { records: [], quarantine: [] };
      for await (const page of kept.pages()) told[page.table]?.push(...page.rows);
      expect(told.quarantine).toMatchObject([{ line: 1_004, import_id: "mine" }]);
      expect(new Set(told.records?.map((row) => Stored.parse(row).record_id))).toEqual(
        new Set(series("kept", 1_003).map(({ record_id }) => record_id)),
      );
      expect(told.records).toHaveLength(1_003);

      await kept.delete();
      await kept.delete();
      expect(await kept.count()).toEqual({ analytics_records: 0, analytics_quarantine: 0 });
      expect(await stored("keeper")).toHaveLength(2);
    });

    it("takes the product's own calls, those too that waited in D1 while it was away", async () => {
      const [userId, stranger] = [UserId.parse("ada"), UserId.parse("nobody")];
      await ledger.db
        .prepare(
          "INSERT INTO users VALUES (?, 'ada@example.com', 'Ada', 'free', '[]', NULL, ?, NULL, 'member', '{}')",
        )
        .bind(userId, new Date().toISOString())
        .run();
      const log = memoryLog();
      const write = async (clickhouse: ClickhouseServer, place: number, as = userId) => {
        const call = ownRecord({ ...OWN_CALL, workspaceId: userId, place });
        const statements = await ownUsageWriter({ db: ledger.db, clickhouse, log }, as)([call]);
        if (statements.length > 0) await ledger.db.batch(statements);
      };
      const waiting = async () =>
        (await ledger.db.prepare("SELECT record_id FROM usage_records").all()).results;
      const away = { ...server, url: "http://127.0.0.1:9" };

      await write(away, 1);
      await write(away, 1);
      await write(away, 2);
      expect(await waiting()).toHaveLength(2);
      expect(log.records.map(({ event }) => event)).toEqual(Array(3).fill("own_usage.waits"));
      expect(await stored(userId)).toEqual([]);

      await write(server, 3);
      await write(server, 3);
      expect(await waiting()).toEqual([]);
      const ids = (await stored(userId)).map(({ record_id }) => record_id);
      expect(ids.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
        "apex-edge:run.1",
        "apex-edge:run.2",
        "apex-edge:run.3",
      ]);
      const groups = await clickhouseUsageStore(server).groups(everything(userId), ["feature"]);
      expect(groups).toMatchObject([
        { key: ["apex-edge"], sums: { records: 3, input_tokens: 30 } },
      ]);

      await write(server, 4, stranger);
      expect(await stored(userId)).toHaveLength(3);
    });
  });
}

describe.skipIf(!mustRun(hasClickhouseServer))("an import into a server that is killed", () => {
  let server: ClickhouseServerProcess;
  let ledger: LedgerDatabase;

  beforeAll(async () => {
    [server, ledger] = await Promise.all([startLegacy(), startLedgerDatabase()]);
    await migrateClickhouse({ ...AS_DEFAULT, url: server.url });
    await standing(ledger.db, "killed");
  });
  afterAll(() => Promise.all([server?.close(), ledger?.close()]));

  const open = () => {
    const reached = { ...AS_DEFAULT, url: server.url };
    return new ClickhouseIntake({ server: reached, db: ledger.db, deadlineMs: 2_000 }, "killed");
  };
  const records = async () =>
    await connectClickhouse({ ...AS_DEFAULT, url: server.url }, 10_000).query(
      Stored,
      COLUMNS,
      "SELECT record_id, import_id FROM usage_records FINAL WHERE workspace_id = 'killed'",
    );

  it("has whole batches, goes on where it was, and in the end each record once", async () => {
    const file = series("killed", 4 * BATCH_ROWS + 11);
    // At a batch's end, and at any moment of the next.
    for (const delayMs of [0, 20, 60]) {
      let killing: Promise<void> | null = null;
      const cut = importing(open(), "killed", file, {
        onProgress: async () => {
          killing ??= sleep(delayMs).then(() => server.kill());
          if (delayMs === 0) await killing;
        },
      });
      await expect(cut).rejects.toMatchObject({ code: "unavailable", retryAfter: 5 });
      await killing;
      await expect(open().quarantine(1, "")).rejects.toMatchObject({ code: "unavailable" });
      await server.start();
      expect((await records()).length % BATCH_ROWS).toBe(0);
    }
    const done = await importing(open(), "killed", file);
    expect(done).toMatchObject({ status: "complete", rows: file.length, stored: file.length });
    const ids = (await records()).map(({ record_id }) => record_id);
    expect(ids).toHaveLength(file.length);
    expect(new Set(ids).size).toBe(file.length);
  });

  it("is taken back whole, once the server is back", async () => {
    await server.kill();
    await expect(open().takeBack("mine", Date.now())).rejects.toMatchObject({
      code: "unavailable",
    });
    await server.start();
    expect(await open().takeBack("mine", Date.now())).toBe(true);
    expect(await records()).toEqual([]);
    expect(await open().imports.find("mine")).toBeNull();
  });
});

const OWN_CALL = {
  runId: "run",
  at: Date.UTC(2026, 9, 1),
  provider: "openai",
  model: "gpt-5-mini",
  agent: "supervisor",
  failed: false,
  usage: {
    inputTokens: 10,
    cachedInputTokens: 0,
    outputTokens: 5,
    reasoningTokens: 0,
    estimated: false,
  },
} as const;
