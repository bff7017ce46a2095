/** Which database a user's history is in: the same for ever, as many users in each, and nobody moves. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { historyDatabaseName } from "../../../src/durable/history-database.ts";
import { HistoryShards, UNSHARDED } from "../../../src/env/history-shards.ts";
import { UserId } from "../../../src/protocol/ids.ts";

const BEFORE = Date.UTC(2026, 5, 1);
const FROM = Date.UTC(2027, 0, 1);
const THREE = ["DB", "HISTORY_1", "HISTORY_2"];

const sharded = shards({ from: "2027-01-01T00:00:00Z", databases: THREE });

/** @returns the eras of an installation that began with one database. */
function shards(...more: { readonly from: string; readonly databases: readonly string[] }[]) {
  const first = { from: "1970-01-01T00:00:00Z", databases: ["DB"] };
  return HistoryShards.parse(JSON.stringify([first, ...more]));
}

/** @returns the id of the nth user who came at a moment, as the platform would have made it. */
function cameAt(milliseconds: number, nth: number): UserId {
  const time = milliseconds.toString(16).padStart(12, "0");
  const chance = createHash("sha256").update(`${milliseconds} ${nth}`).digest("hex");
  const parts = [time.slice(0, 8), time.slice(8), `7${chance.slice(0, 3)}`];
  return UserId.parse([...parts, `a${chance.slice(3, 6)}`, chance.slice(6, 18)].join("-"));
}

/** @returns ten thousand users, one a second. */
const usersFrom = (moment: number) =>
  Array.from({ length: 10_000 }, (_, nth) => cameAt(moment + nth * 1_000, nth));

describe("a user's database", () => {
  test("is the main one where nothing is said, and for all who came before there were others", () => {
    for (const user of usersFrom(BEFORE)) {
      expect(historyDatabaseName(UNSHARDED, user)).toBe("DB");
      expect(historyDatabaseName(sharded, user)).toBe("DB");
    }
  });

  test("changes at the moment that an era begins, and not a millisecond before", () => {
    const alone = shards({ from: "2027-01-01T00:00:00Z", databases: ["HISTORY_1"] });
    expect(historyDatabaseName(alone, cameAt(FROM - 1, 1))).toBe("DB");
    expect(historyDatabaseName(alone, cameAt(FROM, 1))).toBe("HISTORY_1");
  });

  test("is that of the first era for an id that does not tell when it was made", () => {
    const id = UserId.parse("4f9b1f4e-6f0e-4a39-9d3c-0a5a5b6f3c11");
    expect(historyDatabaseName(sharded, id)).toBe("DB");
  });

  test("never changes: these are where they were when shards came", () => {
    const were = [1, 2, 3, 4, 5, 6, 7, 8].map((nth) => [
      cameAt(FROM, nth),
      historyDatabaseName(sharded, cameAt(FROM, nth)),
    ]);
    expect(Object.fromEntries(were)).toMatchInlineSnapshot(`
      {
        "01a2ce8b-d400-7075-a80c-5e91be8c2807": "HISTORY_1",
        "01a2ce8b-d400-70d3-a4ff-b399328ed6ac": "DB",
        "01a2ce8b-d400-72d7-a670-d0e14a1c8c60": "HISTORY_1",
        "01a2ce8b-d400-75a5-a888-c2ad6cbcec35": "DB",
        "01a2ce8b-d400-7774-a126-fe090303bde7": "DB",
        "01a2ce8b-d400-7bef-ab21-ccbd88084e05": "HISTORY_2",
        "01a2ce8b-d400-7d00-a116-7dd88adf9d85": "HISTORY_1",
        "01a2ce8b-d400-7ddf-add7-4c6da71e440b": "DB",
      }
    `);
  });

  test.each([2, 3, 5, 16])("is one of %i, each with as many users as the others", (count) => {
    const names = Array.from({ length: count }, (_, nth) => `HISTORY_${nth}`);
    const eras = shards({ from: "2027-01-01T00:00:00Z", databases: names });
    const users = new Map(names.map((name) => [name, 0]));
    for (const user of usersFrom(FROM)) {
      const name = historyDatabaseName(eras, user);
      users.set(name, (users.get(name) ?? 0) + 1);
    }

    const expected = 10_000 / count;
    const chiSquare = [...users.values()]
      .map((found) => (found - expected) ** 2 / expected)
      .reduce((sum, one) => sum + one);
    // By chance alone a mean of count - 1; more than four deviations beyond it once in some ten thousand.
    expect(chiSquare).toBeLessThan(count - 1 + 4 * Math.sqrt(2 * (count - 1)));
    expect([...users.keys()]).toEqual(names);
  });
});

test("an era more moves nobody who is there", () => {
  const later = "2028-01-01T00:00:00Z";
  const grown = shards(
    { from: "2027-01-01T00:00:00Z", databases: THREE },
    { from: later, databases: ["HISTORY_3", "HISTORY_4"] },
  );
  const users = [...usersFrom(BEFORE), ...usersFrom(FROM)];
  for (const user of users) {
    expect(historyDatabaseName(grown, user)).toBe(historyDatabaseName(sharded, user));
  }
  const after = usersFrom(Date.parse(later)).map((user) => historyDatabaseName(grown, user));
  expect(new Set(after)).toEqual(new Set(["HISTORY_3", "HISTORY_4"]));
});
