/** Dates and figures, as the page's language writes them. */
import { useMemo } from "react";
import { useWords } from "../words/words.ts";

/** The units that a distance in time is told in, with how many seconds each has. */
const UNITS = [
  ["year", 365 * 24 * 3_600],
  ["month", 30 * 24 * 3_600],
  ["day", 24 * 3_600],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** Writes of one language. */
export interface Told {
  /** A date with its time. */
  moment(at: string): string;
  day(at: string): string;
  /** How long ago, or in how long: "3 hours ago". */
  distance(at: string): string;
  count(figure: number): string;
  /** US dollars, so fine that a cheap run isn't shown as free. */
  usd(dollars: number): string;
}

/** @param now in milliseconds since the Unix epoch. */
export function told(locale: string, now: () => number = Date.now): Told {
  const moments = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const days = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const distances = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const counts = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const dollars = (digits: number) =>
    new Intl.NumberFormat(locale, {
      style: "currency",
      currency: "USD",
      minimumFractionDigits: 2,
      maximumFractionDigits: digits,
    });
  const [coarse, fine] = [dollars(2), dollars(4)];
  return {
    moment: (at) => moments.format(new Date(at)),
    day: (at) => days.format(new Date(at)),
    distance(at) {
      const seconds = (Date.parse(at) - now()) / 1_000;
      const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
      return distances.format(Math.trunc(seconds / size), unit);
    },
    count: (figure) => counts.format(figure),
    usd: (amount) => (Math.abs(amount) < 1 ? fine : coarse).format(amount),
  };
}

/** @returns how the page's language writes them. */
export function useTold(): Told {
  const { locale } = useWords();
  return useMemo(() => told(locale), [locale]);
}
