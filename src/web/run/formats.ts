/** Writes figures, durations and moments as people of a language read them. */
import { useMemo } from "react";
import type { RunUsage } from "../../protocol/entities.ts";
import { unitBehind } from "../../protocol/plural.ts";
import { useWords, type Words } from "../words/words.ts";

/** Below this many dollars, cents would say nothing. */
const CENTS_SAY = 0.1;
/** As the tools write a moment into a sentence. */
const WRITTEN_MOMENT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** How one language writes things. */
type Formats = ReturnType<typeof formatsOf>;

/** @returns the formats of the page's language. */
export function useFormats(): Formats {
  const words = useWords();
  return useMemo(() => formatsOf(words), [words]);
}

export function formatsOf({ locale, run }: Words) {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const oneDecimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const threeDigits = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  // Six digits, but cents even where that makes them more.
  const sixDigits = new Intl.NumberFormat(locale, {
    maximumSignificantDigits: 6,
    maximumFractionDigits: 2,
    roundingPriority: "morePrecision",
  });
  const cents = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const dollars = currency(locale, {});
  const smallDollars = currency(locale, { maximumSignificantDigits: 3 });
  const shortDollars = currency(locale, { notation: "compact", maximumFractionDigits: 1 });
  const unit = (of: string) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: of, maximumFractionDigits: 1 });
  const milliseconds = unit("millisecond");
  const seconds = unit("second");
  const minutes = unit("minute");
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  const shortDay = new Intl.DateTimeFormat(locale, {
    month: "short",
    day: "numeric",
    timeZone: "UTC",
  });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const momentOfRecords = new Intl.DateTimeFormat(locale, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZone: "UTC",
    timeZoneName: "short",
  });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
  const all = new Intl.ListFormat(locale);

  function usd(value: number): string {
    return value !== 0 && Math.abs(value) < CENTS_SAY
      ? smallDollars.format(value)
      : dollars.format(value);
  }

  function cost(value: number): string {
    return value !== 0 && value < 0.0001 ? `< ${smallDollars.format(0.0001)}` : usd(value);
  }

  /** The figure without what is counted: for bounds beside a value that names it. */
  function amount(value: number, of: string): string {
    if (isDollars(of)) return usd(value);
    if (isPercent(of)) return percent.format(value / 100);
    if (of === "ms") return milliseconds.format(Math.round(value));
    return Math.abs(value) < 100 ? threeDigits.format(value) : oneDecimal.format(value);
  }

  return {
    count: (value: number) => whole.format(value),
    percent: (value: number) => percent.format(value / 100),
    usd,
    list: (names: readonly string[]) => all.format(names),
    /** @param unit as a finding has it: "USD a month", "%", "ms", or what is counted. */
    measure(value: number, of: string): string {
      if (isDollars(of)) return `${usd(value)}${of.slice("usd".length)}`;
      return isSign(of) ? amount(value, of) : `${amount(value, of)} ${unitBehind(value, of)}`;
    },
    amount,
    /** The value to as many digits as it carries, for whom wants to know exactly: money has cents. */
    exactly(value: number, of = ""): string {
      const fraction = sixDigits.formatToParts(value).find(({ type }) => type === "fraction");
      const lacksCents = (fraction?.value.length ?? 0) < 2;
      return (isDollars(of) && lacksCents ? cents : sixDigits).format(value);
    },
    /** As short as an axis needs it. */
    tick(value: number, of: string): string {
      // Short dollars end at a tenth: on an axis of cents, labels would be said twice.
      if (isDollars(of)) {
        return Math.abs(value) < 10 && !Number.isInteger(value)
          ? usd(value)
          : shortDollars.format(value);
      }
      if (isPercent(of)) return percent.format(value / 100);
      return threeDigits.format(value);
    },
    /** @param span in milliseconds. */
    duration(span: number): string {
      if (span < SECOND) return milliseconds.format(Math.round(span));
      if (span < MINUTE - 50) return seconds.format(span / SECOND);
      const rounded = Math.round(span / SECOND);
      return `${minutes.format(Math.floor(rounded / 60))} ${seconds.format(rounded % 60)}`;
    },
    /** @param span in milliseconds, ahead where it is positive: "in 3 hours". */
    fromNow(span: number): string {
      const count = Math.abs(span);
      if (count < MINUTE) return relative.format(Math.ceil(span / SECOND), "second");
      if (count < 60 * MINUTE) return relative.format(Math.round(span / MINUTE), "minute");
      if (count < 48 * 60 * MINUTE) return relative.format(Math.round(span / 60 / MINUTE), "hour");
      return relative.format(Math.round(span / 24 / 60 / MINUTE), "day");
    },
    /** A day of the records, which are kept in UTC; what is no date stays as it stands. */
    day: (text: string) => (isDate(text) ? shortDay.format(Date.parse(text)) : text),
    days: (from: string, to: string) =>
      isDate(from) && isDate(to)
        ? day.formatRange(Date.parse(from), Date.parse(to))
        : `${from} – ${to}`,
    moment: (text: string) => (isDate(text) ? moment.format(Date.parse(text)) : text),
    /** A sentence of a tool's, the moments in it as people read them: in UTC, as the records are kept. */
    sentence: (text: string) =>
      text.replaceAll(WRITTEN_MOMENT, (written) =>
        isDate(written) ? momentOfRecords.format(Date.parse(written)) : written,
      ),
    time: (text: string) => (isDate(text) ? time.format(Date.parse(text)) : text),
    /** Tokens and cost in one line, saying what is estimated and what is unknown. */
    usage({ input_tokens, output_tokens, cost_usd, estimated }: RunUsage): string {
      const say = estimated ? run.about : (figure: string) => figure;
      const tokens = say(run.tokens(input_tokens, whole.format(output_tokens)));
      return `${tokens} · ${cost_usd === null ? run.costUnknown : say(cost(cost_usd))}`;
    },
  };
}

function isDollars(unit: string): boolean {
  return /^usd\b/i.test(unit);
}

function isPercent(unit: string): boolean {
  return /^(%|percent|pct)/i.test(unit);
}

/** Whether a unit is written into the figure itself. */
function isSign(unit: string): boolean {
  return isPercent(unit) || unit === "ms";
}

function currency(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return new Intl.NumberFormat(locale, { style: "currency", currency: "USD", ...options });
}

function isDate(text: string): boolean {
  return !Number.isNaN(Date.parse(text));
}
