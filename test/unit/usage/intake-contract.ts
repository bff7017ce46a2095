/** What every way of usage into a store gives, whatever breaks on it: one list of cases for all of them. */
import { beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import type { UsageImport } from "../../../src/protocol/usage.ts";
import { BATCH_ROWS } from "../../../src/usage/import/batches.ts";
import { runImport, takeIn } from "../../../src/usage/import/run-import.ts";
import { toImport } from "../../../src/usage/import-row.ts";
import type { Intake } from "../../../src/usage/intake.ts";
import type { UsageRecord } from "../../../src/usage/record.ts";
import { AFTERWARDS, failingOnce, importing, readingOf } from "./importing.ts";
import { DAY, series, start } from "./stored-records.ts";
import { standing } from "./workspaces.ts";

/** An intake under test, and what its port does not show. */
export interface IntakeUnderTest {
  /** The database of the ledger. Known when the tests run, not when they are told. */
  database(): D1Database;
  /** @param database as it stands, or one that fails. */
  open(workspaceId: string, database: D1Database): Intake;
  /** @returns every row that is stored, once as often as it counts. */
  stored(workspaceId: string): Promise<{ record_id: string; import_id: string | null }[]>;
}

/** Those that the cases are had in, but for the one that is nobody's. */
const WORKSPACES = [
  ...["other-file", "meanwhile", "both", "sent", "aside-in", "own-a", "own-b", "told", "back"],
  ...[
    "under-way",
    "beside",
    "leaving",
    "ending",
    "at-once",
    "at-once-sent",
    "ended",
    "other-stands",
  ],
  ...["undone", "done"].flatMap((is) => [2, 3, 4].map((nth) => `failing-${is}-${nth}`)),
];

const wrong = (workspaceId: string, index: number): UsageRecord => {
  const [record] = series(workspaceId, 1, () => ({
    record_id: `record-${index}`,
    cache_read_tokens: 5_000,
  }));
  if (record === undefined) throw new Error("A series has its records.");
  return record;
};

/** Holds an intake to the port. The name of each workspace is used once. */
export function holdIntakeToContract(intakes: IntakeUnderTest): void {
  const open = (workspaceId: string) => intakes.open(workspaceId, intakes.database());
  const idsOf = async (workspaceId: string) =>
    (await intakes.stored(workspaceId)).map(({ record_id }) => record_id);
  const sending = async (workspaceId: string, rows: readonly unknown[]) =>
    takeIn(open(workspaceId), (await readingOf(workspaceId, rows)).entries);

  beforeAll(() => standing(intakes.database(), ...WORKSPACES));

  /** What the end of a team does to its rows in D1. */
  const end = async (workspaceId: string) => {
    const database = intakes.database();
    const delete_ = (table: string, column: string) =>
      database.prepare(`DELETE FROM ${table} WHERE ${column} = ?`).bind(workspaceId);
    await database.batch([
      delete_("organizations", "id"),
      delete_("usage_records", "workspace_id"),
      delete_("usage_quarantine", "workspace_id"),
      delete_("usage_imports", "workspace_id"),
    ]);
  };

  describe("for a workspace that is nobody's any more", () => {
    const forbidden = { code: "forbidden" };

    it("nothing is taken, and who sends it is told so", async () => {
      const rows = [...series("nobody", 3), { hello: 1 }];
      await expect(sending("nobody", rows)).rejects.toMatchObject(forbidden);
      await expect(importing(open("nobody"), "nobody", rows)).rejects.toMatchObject(forbidden);
      expect(await intakes.stored("nobody")).toEqual([]);
      expect(await open("nobody").quarantine(10, "")).toEqual([]);
      expect(await open("nobody").imports.find("mine")).toBeNull();
    });

    it("nothing more is taken, where it ends while records are sent", async () => {
      const intake = open("leaving");
      const file = series("leaving", 2 * BATCH_ROWS);
      const { entries } = await readingOf("leaving", file);
      let read = 0;
      async function* ending() {
        for await (const entry of entries) {
          read += 1;
          if (read === BATCH_ROWS + 2) await end("leaving");
          yield entry;
        }
      }
      await expect(takeIn(intake, ending())).rejects.toMatchObject(forbidden);
      const left = await idsOf("leaving");
      expect(left.filter((id) => id === file.at(-1)?.record_id)).toEqual([]);
    });

    it("no import goes on, where it ends in the middle of one", async () => {
      const file = series("ending", 2 * BATCH_ROWS);
      const cut = importing(open("ending"), "ending", file, { onProgress: () => end("ending") });
      await expect(cut).rejects.toMatchObject({ code: "import_conflict" });
      expect(await idsOf("ending")).not.toContain(file.at(-1)?.record_id);
      expect(await open("ending").imports.find("mine")).toBeNull();
    });
  });

  describe("an import is refused", () => {
    it("where its id stands for another file, or for one of another format", async () => {
      const intake = open("other-file");
      await importing(intake, "other-file", series("other-file", 5));
      const conflict = { code: "import_conflict" };
      for (const length of [3, 7]) {
        const other = importing(intake, "other-file", series("other-file", length));
        await expect(other).rejects.toMatchObject(conflict);
      }
      await expect(intake.imports.open("mine", "litellm", AFTERWARDS)).rejects.toMatchObject(
        conflict,
      );
      expect(await idsOf("other-file")).toHaveLength(5);
    });

    it("where it is taken back while it is sent, and nothing of it is left", async () => {
      const [one, other] = [open("meanwhile"), open("meanwhile")];
      const file = series("meanwhile", 2 * BATCH_ROWS);
      const cut = importing(one, "meanwhile", file, {
        onProgress: async () => void (await other.takeBack("mine", Date.now())),
      });
      await expect(cut).rejects.toMatchObject({ code: "import_conflict" });
      expect(await idsOf("meanwhile")).toEqual([]);
      expect(await other.imports.find("mine")).toBeNull();
    });

    it("where somebody else sent its next batch", async () => {
      const [one, other] = [open("both"), open("both")];
      const file = series("both", 2 * BATCH_ROWS);
      let sent = 0;
      const late = importing(one, "both", file, {
        async onProgress() {
          sent += 1;
          if (sent === 1) await importing(other, "both", file);
        },
      });
      await expect(late).rejects.toMatchObject({ code: "import_conflict" });
      const row = await one.imports.find("mine");
      expect(row).toMatchObject({ status: "complete", stored: file.length });
      expect(await idsOf("both")).toHaveLength(file.length);
    });
  });

  it("an import is under way while it is sent, and no longer once it breaks off, or nothing comes", async () => {
    const intake = open("under-way");
    const file = series("under-way", 2 * BATCH_ROWS);
    const begin = async (from: Intake) => {
      const reading = await readingOf("under-way", file);
      return runImport(from, reading, { id: "mine", fileName: "may.csv", clock: systemClock });
    };
    const standing = async (later = 0) => {
      const row = await intake.imports.find("mine");
      return row && toImport(row, systemClock.now() + later);
    };
    const cut = await begin(intake);
    expect((await cut.next()).value).toMatchObject({ under_way: true, file_name: "may.csv" });
    expect(await standing()).toMatchObject({ status: "incomplete", under_way: true });
    expect(await standing(DAY)).toMatchObject({ status: "incomplete", under_way: false });

    await expect(cut.throw(new Error("nobody listens"))).rejects.toThrow();
    expect(await standing()).toMatchObject({ status: "incomplete", under_way: false });

    const again = await begin(open("under-way"));
    await again.next();
    expect(await standing()).toMatchObject({ status: "incomplete", under_way: true });
    await again.next();
    expect(await standing()).toMatchObject({ status: "complete", under_way: false });
  });

  it("an import that another sends stays under way where a second upload of it fails", async () => {
    const file = series("beside", 2 * BATCH_ROWS);
    const progress = runImport(open("beside"), await readingOf("beside", file), {
      id: "mine",
      clock: systemClock,
    });
    await progress.next();
    const other = importing(open("beside"), "beside", series("beside", 3));
    await expect(other).rejects.toMatchObject({ code: "import_conflict" });
    const row = await open("beside").imports.find("mine");
    expect(row && toImport(row, systemClock.now())).toMatchObject({ under_way: true });
  });

  describe("records", () => {
    it("count once, and tell which were new", async () => {
      expect(await sending("sent", series("sent", 10))).toMatchObject({ stored: 10, known: 0 });
      expect(await sending("sent", series("sent", 12))).toMatchObject({ stored: 2, known: 10 });
      expect(await intakes.stored("sent")).toHaveLength(12);
      const brought = new Set((await intakes.stored("sent")).map(({ import_id }) => import_id));
      expect([...brought]).toEqual([null]);
    });

    it("that are wrong are set aside with their line and reason, page by page, until they come right", async () => {
      const rows = [wrong("aside-in", 0), { hello: 1 }, wrong("aside-in", 2)];
      expect(await sending("aside-in", rows)).toMatchObject({ stored: 0, quarantined: 3 });
      const intake = open("aside-in");
      const first = await intake.quarantine(2, "");
      const rest = await intake.quarantine(2, first.at(-1)?.record_id ?? "");
      const all = [...first, ...rest];
      expect(new Set(all.map(({ line }) => line))).toEqual(new Set([1, 2, 3]));
      expect(all.find(({ record_id }) => record_id === "record-2")).toEqual({
        record_id: "record-2",
        reason: "cache_read_tokens + cache_write_tokens (5000) exceed input_tokens (1000)",
        record: JSON.stringify(wrong("aside-in", 2)),
        line: 3,
        import_id: null,
      });

      await sending("aside-in", series("aside-in", 3));
      const left = await intake.quarantine(10, "");
      expect(left.map(({ line }) => line)).toEqual([2]);
      // What counts already is not set aside by a wrong word about it.
      await sending("aside-in", [wrong("aside-in", 1)]);
      expect(await intake.quarantine(10, "")).toEqual(left);
    });

    it("are of their own workspace", async () => {
      await sending("own-a", [...series("own-a", 2), { hello: 1 }]);
      expect(await sending("own-b", series("own-b", 2))).toMatchObject({ stored: 2, known: 0 });
      expect(await open("own-b").quarantine(10, "")).toEqual([]);
      expect(await open("own-b").takeBack("mine", AFTERWARDS)).toBe(false);
    });
  });

  describe("an import", () => {
    it("says how far it is after each batch, what it came to, and the same when it comes again", async () => {
      const rows = [...series("told", BATCH_ROWS + 4), wrong("told", 9_999)];
      await sending("told", series("told", 3));
      const seen: UsageImport[] = [];
      const done = await importing(open("told"), "told", rows, {
        onProgress: async (each) => void seen.push(each),
      });
      expect(seen).toMatchObject([
        { status: "incomplete", rows: BATCH_ROWS, stored: BATCH_ROWS - 3, known: 3 },
        { status: "incomplete", rows: rows.length, quarantined: 1 },
      ]);
      expect(done).toMatchObject({
        status: "complete",
        rows: rows.length,
        stored: BATCH_ROWS + 1,
        known: 3,
        quarantined: 1,
        first_at: new Date(start).toISOString(),
      });
      const { updated_at: _, ...same } = await importing(open("told"), "told", rows);
      expect(done).toMatchObject(same);
      const again = await importing(open("told"), "told", rows, { id: "again" });
      expect(again).toMatchObject({ stored: 0, known: BATCH_ROWS + 4 });
      expect(await intakes.stored("told")).toHaveLength(BATCH_ROWS + 4);
    });

    it("stores each record once, and counts it once, whatever transaction of its ledger fails", async () => {
      const length = BATCH_ROWS + 7;
      for (const is of ["undone", "done"] as const) {
        for (const nth of [2, 3, 4]) {
          const workspace = `failing-${is}-${nth}`;
          const file = series(workspace, length);
          const failing = intakes.open(workspace, failingOnce(intakes.database(), nth, is));
          const first = importing(failing, workspace, file);
          await first.catch((error: unknown) => {
            expect(error).toMatchObject({ code: "unavailable" });
          });
          // Who reads now sees whole batches.
          expect([0, BATCH_ROWS, length]).toContain((await intakes.stored(workspace)).length);

          const done = await importing(open(workspace), workspace, file);
          expect(done).toMatchObject({ status: "complete", rows: length, stored: length });
          const ids = await idsOf(workspace);
          expect(ids).toHaveLength(length);
          expect(new Set(ids)).toEqual(new Set(file.map((each) => each.record_id)));
        }
      }
    });

    it("brings each record once, and counts it once, where others bring the same at that moment", async () => {
      const length = 2 * BATCH_ROWS;
      // Each file tells of the same requests, and each at a time of its own.
      const files = [0, 1, 2].map((file) =>
        series("at-once", length, (index) => ({ ts: start + index * 1_000 + file })),
      );
      const imports = await Promise.all(
        files.map((file, index) =>
          importing(open("at-once"), "at-once", file, { id: `n${index}` }),
        ),
      );
      expect(imports.map(({ rows }) => rows)).toEqual([length, length, length]);
      expect(imports.reduce((sum, { stored }) => sum + stored, 0)).toBe(length);
      expect(imports.reduce((sum, { known }) => sum + known, 0)).toBe(2 * length);
      const stored = await intakes.stored("at-once");
      expect(stored).toHaveLength(length);
      expect(new Set(stored.map(({ record_id }) => record_id)).size).toBe(length);
      for (const [index, each] of imports.entries()) {
        const own = stored.filter(({ import_id }) => import_id === `n${index}`);
        expect(own).toHaveLength(each.stored);
      }
    });

    it("goes on beside records that are sent by themselves at that moment", async () => {
      const rows = series("at-once-sent", BATCH_ROWS + 9);
      const [done, ...sent] = await Promise.all([
        importing(open("at-once-sent"), "at-once-sent", rows),
        sending("at-once-sent", rows.slice(0, 50)),
        sending("at-once-sent", rows.slice(0, 50)),
      ]);
      const counts = [done, ...sent].map(({ stored }) => stored);
      expect(counts.reduce((sum, stored) => sum + stored, 0)).toBe(rows.length);
      const ids = await idsOf("at-once-sent");
      expect(ids).toHaveLength(rows.length);
      expect(new Set(ids).size).toBe(rows.length);
    });

    it("that its reading ends says what stands of it, and goes on with the file that is mended", async () => {
      const rows = series("ended", 2 * BATCH_ROWS);
      const { format, entries } = await readingOf("ended", rows);
      async function* breaking() {
        let read = 0;
        for await (const entry of entries) {
          read += 1;
          if (read > BATCH_ROWS + 3) throw new ApexError("too_large", "That is too much.");
          yield entry;
        }
      }
      const run = { id: "mine", clock: systemClock };
      const progress = runImport(open("ended"), { format, entries: breaking() }, run);
      await progress.next();
      await expect(progress.next()).rejects.toMatchObject({
        code: "too_large",
        message: expect.stringMatching(/^That is too much\. The import mine is incomplete: 2,000 /),
        cutImport: { id: "mine", status: "incomplete", rows: BATCH_ROWS, stored: BATCH_ROWS },
      });
      const mended = rows.slice(0, -5);
      const done = await importing(open("ended"), "ended", mended);
      expect(done).toMatchObject({ status: "complete", stored: mended.length });
    });

    it("whose beginning is refused says nothing of another that stands", async () => {
      const file = series("other-stands", 3);
      await importing(open("other-stands"), "other-stands", file);
      const other = importing(open("other-stands"), "other-stands", file.slice(1));
      await expect(other).rejects.toMatchObject({ cutImport: undefined });
    });

    it("is taken back whole, and what others brought before it stays", async () => {
      await sending("back", series("back", 3));
      await importing(open("back"), "back", series("back", 5), { id: "older" });
      const rows = [...series("back", 20), wrong("back", 99), { hello: 1 }];
      await importing(open("back"), "back", rows, { id: "newer" });
      const intake = open("back");
      expect(await intakes.stored("back")).toHaveLength(20);
      expect(await intake.quarantine(10, "")).toHaveLength(2);

      expect(await intake.takeBack("newer", AFTERWARDS)).toBe(true);
      const left = await idsOf("back");
      expect(left).toHaveLength(5);
      expect(new Set(left)).toEqual(new Set(series("back", 5).map((each) => each.record_id)));
      expect(await intake.quarantine(10, "")).toEqual([]);
      expect(await intake.imports.find("newer")).toBeNull();
      expect(await intake.takeBack("newer", AFTERWARDS)).toBe(false);
      const again = await importing(intake, "back", series("back", 20), { id: "newer" });
      expect(again).toMatchObject({ stored: 15, known: 5 });
    });
  });
}
