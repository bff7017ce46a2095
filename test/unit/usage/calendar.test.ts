/** Where local days begin, over the changes of clocks. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  calendarOf,
  DAY_MS,
  dayOf,
  daysBefore,
  daysFrom,
  HOUR_MS,
  isWeekend,
  shiftDay,
  startOfDay,
  UTC,
} from "../../../src/usage/calendar.ts";

function zone(name: string) {
  const calendar = calendarOf(name);
  if (calendar === null) throw new Error(`there is no zone ${name}`);
  return calendar;
}

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  "Africa/Cairo",
  "Pacific/Apia",
];

describe("a calendar", () => {
  it.each(["Mars/Olympus", "Europe/Nowhere"])("knows no zone %s", (name) => {
    expect(calendarOf(name)).toBeNull();
  });

  it.each([
    ["Europe/Berlin", "2026-03-29", 23],
    ["Europe/Berlin", "2026-03-30", 24],
    ["Europe/Berlin", "2026-10-25", 25],
    ["America/New_York", "2026-03-08", 23],
    ["America/New_York", "2026-11-01", 25],
    ["Australia/Lord_Howe", "2026-04-05", 24.5],
    ["Asia/Kolkata", "2026-03-29", 24],
    ["UTC", "2026-03-29", 24],
  ])("%s has on %s a day of %d hours", (name, day, hours) => {
    const calendar = zone(name);
    const next = startOfDay(calendar, shiftDay(day, 1));
    expect((next - startOfDay(calendar, day)) / HOUR_MS).toBe(hours);
  });

  it("begins a day whose midnight is skipped after the gap", () => {
    // Cairo's clocks went from 2026-04-24 00:00 to 01:00.
    expect(new Date(startOfDay(zone("Africa/Cairo"), "2026-04-24")).toISOString()).toBe(
      "2026-04-23T22:00:00.000Z",
    );
  });

  it("begins a day whose midnight comes twice at the first", () => {
    // Cuba's clocks go from 01:00 back to 00:00 on the first Sunday of November.
    expect(new Date(startOfDay(zone("America/Havana"), "2026-11-01")).toISOString()).toBe(
      "2026-11-01T04:00:00.000Z",
    );
  });

  it("gives back the moment of a wall time, but where the clock shows it twice", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) }),
        (name, moment) => {
          const calendar = zone(name);
          const second = moment - (moment % 1_000);
          const shown = calendar.wallTime(second);
          const first = calendar.momentOf(shown);
          expect(calendar.wallTime(first)).toBe(shown);
          expect(first).toBeLessThanOrEqual(second);
          expect(second - first).toBeLessThanOrEqual(HOUR_MS);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("puts each moment within the day it names", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) }),
        (name, moment) => {
          const calendar = zone(name);
          const day = dayOf(calendar, moment);
          expect(startOfDay(calendar, day)).toBeLessThanOrEqual(moment);
          expect(startOfDay(calendar, shiftDay(day, 1))).toBeGreaterThan(moment);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("goes back by days at the same wall time, over a change of the clock", () => {
    const noon = Date.parse("2026-03-29T12:00:00.250+02:00");
    expect(noon - daysBefore(zone("Europe/Berlin"), noon, 1)).toBe(23 * HOUR_MS);
    expect(noon - daysBefore(UTC, noon, 1)).toBe(DAY_MS);
  });
});

describe("days", () => {
  it("follow each other over months, leap days and years", () => {
    expect(daysFrom("2028-02-28", "2028-03-02")).toEqual([
      "2028-02-28",
      "2028-02-29",
      "2028-03-01",
    ]);
    expect(shiftDay("2027-01-01", -1)).toBe("2026-12-31");
    expect(daysFrom("2026-11-02", "2026-11-01")).toEqual([]);
  });

  it("are weekends on Saturdays and Sundays", () => {
    expect(daysFrom("2026-11-16", "2026-11-23").filter(isWeekend)).toEqual([
      "2026-11-21",
      "2026-11-22",
    ]);
  });
});
