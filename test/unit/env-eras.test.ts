/** What the setting of the history's eras may still say once people were served by it. */
import { describe, expect, it } from "vitest";
import { compareEras, RememberedEra } from "../../src/env/history-eras.ts";
import { HistoryShards } from "../../src/env/history-shards.ts";

const BEGINNING = "1970-01-01T00:00:00Z";
const MOMENT = "2027-01-01T00:00:00Z";
const BEFORE = Date.UTC(2026, 11, 1);
const AFTER = Date.UTC(2027, 1, 1);

type Given = readonly (readonly [from: string, ...databases: string[]])[];

const setting = (...eras: Given) =>
  HistoryShards.parse(JSON.stringify(eras.map(([from, ...databases]) => ({ from, databases }))));

const rows = (inUse: boolean, ...eras: Given) =>
  eras.map(([from, ...databases]) =>
    RememberedEra.parse({
      begins_at: new Date(from).toISOString(),
      databases: JSON.stringify(databases),
      in_use: inUse ? 1 : 0,
    }),
  );
const used = (...eras: Given) => rows(true, ...eras);
const planned = (...eras: Given) => rows(false, ...eras);

const first = [BEGINNING, "DB"] as const;
const second = [MOMENT, "HISTORY_1", "HISTORY_2"] as const;
const nothing = { contradictions: [], note: [], forget: [] };

describe("a setting of eras", () => {
  it("is believed at its first use, whoever came before", () => {
    const at = { now: AFTER, newestAccount: AFTER };
    expect(compareEras(setting(first, second), [], at)).toEqual({
      ...nothing,
      note: used(first, second),
    });
  });

  it("that is as it was changes nothing", () => {
    const at = { now: AFTER, newestAccount: AFTER };
    expect(compareEras(setting(first, second), used(first, second), at)).toEqual(nothing);
  });

  it("is planned until its moment, and in use from then on", () => {
    const known = used(first);
    expect(
      compareEras(setting(first, second), known, { now: BEFORE, newestAccount: BEFORE }),
    ).toEqual({
      ...nothing,
      note: planned(second),
    });
    const noted = [...known, ...planned(second)];
    const at = { now: AFTER, newestAccount: AFTER };
    expect(compareEras(setting(first, second), noted, at)).toEqual({
      ...nothing,
      note: used(second),
    });
  });

  it("may change, or be given up, while it is planned", () => {
    const noted = [...used(first), ...planned(second)];
    const other = [MOMENT, "HISTORY_3"] as const;
    const at = { now: BEFORE, newestAccount: BEFORE };
    expect(compareEras(setting(first, other), noted, at)).toEqual({
      ...nothing,
      note: planned(other),
    });
    expect(compareEras(setting(first), noted, at)).toEqual(nothing);
    expect(compareEras(setting(first), noted, { now: AFTER, newestAccount: AFTER })).toEqual({
      ...nothing,
      forget: [Date.parse(MOMENT)],
    });
  });

  it("may be added after its moment while nobody came since", () => {
    const at = { now: AFTER, newestAccount: BEFORE };
    const noted = { ...nothing, note: used(second) };
    expect(compareEras(setting(first, second), used(first), at)).toEqual(noted);
    const alone = { now: AFTER, newestAccount: null };
    expect(compareEras(setting(first, second), used(first), alone)).toEqual(noted);
  });
});

describe("a setting contradicts what people were served by where", () => {
  const known = used(first, second);
  it.each<[string, Given, RegExp]>([
    ["an era is gone", [first], /2027-01-01.*HISTORY_1, HISTORY_2.*put it back/],
    [
      "its databases stand in another order",
      [first, [MOMENT, "HISTORY_2", "HISTORY_1"]],
      /put HISTORY_1, HISTORY_2 back, in this order/,
    ],
    [
      "it has a database more",
      [first, [MOMENT, "HISTORY_1", "HISTORY_2", "DB"]],
      /now says HISTORY_1, HISTORY_2, DB/,
    ],
    ["it begins at another moment", [first, ["2027-01-02T00:00:00Z", ...second.slice(1)]], /back/],
    ["the first is another", [[BEGINNING, "HISTORY_1"], second], /1970-01-01.*put DB back/],
    [
      "another came between, after its moment",
      [first, ["2026-06-01T00:00:00Z", "HISTORY_1"], second],
      /2026-06-01.*added after its moment/,
    ],
  ])("%s", (_, eras, said) => {
    const at = { now: AFTER, newestAccount: AFTER };
    const { contradictions, note, forget } = compareEras(setting(...eras), known, at);
    expect(contradictions.join("; ")).toMatch(said);
    expect([...note, ...forget]).toEqual([]);
  });

  it("what was planned was changed after its moment, and people came", () => {
    const noted = [...used(first), ...planned(second)];
    const at = { now: AFTER, newestAccount: AFTER };
    const { contradictions } = compareEras(setting(first, [MOMENT, "HISTORY_3"]), noted, at);
    expect(contradictions.join()).toContain("added after its moment");
  });
});
