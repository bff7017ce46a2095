/** Rates are over the days that there are records from: neither those before nor those to come. */
import { describe, expect, it } from "vitest";
import { coveredScope } from "../../../src/tools/covered-scope.ts";
import { DAY_MS, HOUR_MS, UTC } from "../../../src/usage/calendar.ts";

const first = Date.UTC(2026, 10, 1);
const last = Date.UTC(2026, 10, 15) - 1;

function covered(from: number, to: number, extent = { first, last, records: 9 }) {
  const scope = { workspaceId: "sample", from, to, filters: {} };
  const asked = { scope, calendar: UTC, firstRecord: extent.first, extent, assumptions: ["asked"] };
  const { scope: found, assumptions } = coveredScope(asked);
  return { from: found.from, to: found.to, told: assumptions.slice(1) };
}

describe("the covered part of a window", () => {
  it("ends at the latest record where the window reaches into days to come, and that is said", () => {
    expect(covered(first, first + 30 * DAY_MS)).toEqual({
      from: first,
      to: last + 1,
      told: [
        "Records reach from 2026-11-01T00:00:00.000Z to 2026-11-14T23:59:59.999Z: rates are over that part of the window alone.",
      ],
    });
  });

  it("begins at the first record where the window begins before it", () => {
    expect(covered(first - 30 * DAY_MS, last + 1)).toMatchObject({ from: first, to: last + 1 });
  });

  it("is the whole window where but a quiet hour is missing at its edges", () => {
    const [from, to] = [first - HOUR_MS, last + HOUR_MS];
    expect(covered(from, to)).toEqual({ from, to, told: [] });
  });

  it("is the whole window where no record is in it", () => {
    const [from, to] = [last + DAY_MS, last + 9 * DAY_MS];
    expect(covered(from, to)).toEqual({ from, to, told: [] });
  });
});
