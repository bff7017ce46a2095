/** Numbers with what they count: the one place that tells singular from plural. */

const LOCALE = "en-US";

/** How numbers of so many decimals at most are written, and what goes with them. */
function writing(maximumFractionDigits: number) {
  const number = new Intl.NumberFormat(LOCALE, { maximumFractionDigits });
  const rules = new Intl.PluralRules(LOCALE, { maximumFractionDigits });
  /** What is written as 1 is one, whatever it was before it was rounded. */
  const noun = (value: number, one: string, other: string) =>
    rules.select(value) === "one" ? one : other;
  return {
    noun,
    figure: (value: number, one: string, other: string) =>
      `${number.format(value)} ${noun(value, one, other)}`,
  };
}

const whole = writing(0);
const oneDecimal = writing(1);
const exact = writing(3);

/**
 * @param value null for one that is not known.
 * @param one the noun, or what agrees with it, for one of it.
 * @param other the same for any other number, for none and for an unknown one.
 */
export function plural(value: number | null, one: string, other = `${one}s`): string {
  return value === null ? other : whole.noun(value, one, other);
}

/** @returns "1 record", "1,234 records": the whole number with its noun. */
export function counted(value: number, one: string, other = `${one}s`): string {
  return whole.figure(value, one, other);
}

/** @returns "1 day", "2.5 days": the number with at most one decimal, and its noun. */
export function measured(value: number, one: string, other = `${one}s`): string {
  return oneDecimal.figure(value, one, other);
}

/**
 * @param unit as findings have it: "days", "USD a month".
 * @returns the unit as it stands behind the value: "day" behind 1.
 */
export function unitBehind(value: number, unit: string): string {
  return /^[a-z]+s$/.test(unit) && unit !== "ms"
    ? exact.noun(value, unit.slice(0, -1), unit)
    : unit;
}
