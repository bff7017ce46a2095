/** The setting that spreads the history: every way in which it can be wrong is told by name. */
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/env.ts";
import { faultsOf, valid } from "./env-faults.ts";

describe("the shards of the history", () => {
  const beginning = "1970-01-01T00:00:00Z";
  const database = { prepare: () => null };
  const bound = { ...valid, DB: database, HISTORY_1: database, CACHE: { get: () => null } };
  const withShards = (value: unknown) => ({
    ...bound,
    HISTORY_SHARDS: typeof value === "string" ? value : JSON.stringify(value),
  });
  const first = { from: beginning, databases: ["DB"] };
  const next = { from: "2027-01-01T00:00:00Z", databases: ["DB", "HISTORY_1"] };

  it("are one database where nothing is said", () => {
    const everybody = [{ from: 0, databases: ["DB"] }];
    expect(readConfig(valid).historyShards).toEqual(everybody);
    expect(readConfig(withShards("")).historyShards).toEqual(everybody);
  });

  it("are eras, each with its databases", () => {
    expect(readConfig(withShards([first, next])).historyShards).toEqual([
      { from: 0, databases: ["DB"] },
      { from: Date.UTC(2027, 0, 1), databases: ["DB", "HISTORY_1"] },
    ]);
  });

  it.each<[string, unknown, string]>([
    ["are no JSON", "DB,HISTORY_1", "HISTORY_SHARDS"],
    ["are no list", { from: beginning, databases: ["DB"] }, "HISTORY_SHARDS"],
    ["are none", [], "HISTORY_SHARDS"],
    ["begin too late", [next], "HISTORY_SHARDS"],
    [
      "are out of order",
      [first, { ...next, from: "2028-01-01T00:00:00Z" }, next],
      "HISTORY_SHARDS",
    ],
    ["begin twice at once", [first, next, next], "HISTORY_SHARDS"],
    ["are bound to nothing", [first, { ...next, databases: ["HISTORY_2"] }], "HISTORY_SHARDS"],
    ["are bound to no database", [first, { ...next, databases: ["CACHE"] }], "HISTORY_SHARDS"],
    ["have no database", [first, { ...next, databases: [] }], "HISTORY_SHARDS.1.databases"],
    ["name one twice", [{ ...first, databases: ["DB", "DB"] }], "HISTORY_SHARDS.0.databases"],
    ["have no moment", [first, { ...next, from: "soon" }], "HISTORY_SHARDS.1.from"],
    [
      "have a local moment",
      [first, { ...next, from: "2027-01-01T00:00" }],
      "HISTORY_SHARDS.1.from",
    ],
    ["say more", [{ ...first, name: "x" }], "HISTORY_SHARDS.0"],
  ])("are a fault where they %s", (_, shards, field) => {
    expect(Object.keys(faultsOf(withShards(shards))).join()).toContain(field);
  });

  it("are named beside all else that is at fault", () => {
    const shards = JSON.stringify([{ from: beginning, databases: ["NOWHERE"] }]);
    expect(faultsOf({ ...bound, JWT_SECRET: "short", HISTORY_SHARDS: shards })).toEqual({
      JWT_SECRET: "must be at least 32 characters",
      HISTORY_SHARDS: "must name bindings of D1 databases alone",
    });
  });
});
