/** Which days are replayed where all are too many: whole ones, the last first, never too many. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastWholeDays } from "../../../src/tools/whole-days.ts";
import { DAY_MS, HOUR_MS } from "../../../src/usage/calendar.ts";
import { NO_USAGE } from "../../../src/usage/sums.ts";

const monday = Date.UTC(2026, 9, 19);
const dayAt = (index: number) => new Date(monday + index * DAY_MS).toISOString().slice(0, 10);

function days(records: readonly number[], to = monday + records.length * DAY_MS) {
  return {
    span: { from: monday + HOUR_MS, to },
    byDay: records.map((count, index) => ({
      key: [dayAt(index)],
      sums: { ...NO_USAGE, records: count },
    })),
  };
}

describe("the last whole days", () => {
  it("are none where one of them alone is too many", () => {
    expect(lastWholeDays(days([5, 5, 11]), 10)).toBeNull();
  });

  it("are none where nothing but a day that is not over is there", () => {
    expect(lastWholeDays(days([11], monday + 5 * HOUR_MS), 10)).toBeNull();
    expect(lastWholeDays(days([]), 10)).toBeNull();
  });

  it("leave out a newest day that is not over, which would stand for whole ones", () => {
    const kept = lastWholeDays(days([9, 4, 4, 9], monday + 3 * DAY_MS + HOUR_MS), 10);
    expect(kept?.span).toEqual({ from: monday + DAY_MS, to: monday + 3 * DAY_MS });
    expect(kept?.byDay.map(({ key }) => key[0])).toEqual([dayAt(2), dayAt(1)]);
  });

  it("take a newest day that lacks an hour at most", () => {
    const to = monday + 3 * DAY_MS - HOUR_MS / 2;
    expect(lastWholeDays(days([9, 4, 4], to), 10)?.span).toEqual({ from: monday + DAY_MS, to });
  });

  it("do not begin before the window does", () => {
    const kept = lastWholeDays(days([4, 4, 9], monday + 2 * DAY_MS + HOUR_MS), 10);
    expect(kept?.span).toEqual({ from: monday + HOUR_MS, to: monday + 2 * DAY_MS });
  });

  it("are never too many, nor is another day left out that had room", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 24 }),
        (records, hours) => {
          const all = days(records, monday + (records.length - 1) * DAY_MS + hours * HOUR_MS);
          const over = hours < 23 ? records.slice(0, -1) : records;
          const kept = lastWholeDays(all, 10)?.byDay.map(({ sums }) => sums.records) ?? [];
          const sum = kept.reduce((total, count) => total + count, 0);
          expect(sum).toBeLessThanOrEqual(10);
          expect(kept).toEqual(over.slice(over.length - kept.length).toReversed());
          const next = over.at(-kept.length - 1);
          if (next !== undefined) expect(sum + next).toBeGreaterThan(10);
        },
      ),
    );
  });
});
