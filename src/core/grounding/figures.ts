/** How figures are written for people: with their units, and never more digits than they carry. */

const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const smallDollars = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  maximumSignificantDigits: 3,
});
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const threeDigits = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

/** What stands where there is no figure. */
export const UNKNOWN = "unknown";

/** @returns "$1,234.50", or "$0.00123" where cents would say nothing. */
export function usd(value: number | null): string {
  if (value === null) return UNKNOWN;
  return value !== 0 && Math.abs(value) < 0.1 ? smallDollars.format(value) : dollars.format(value);
}

/** @returns the amount with its sign: "+$1.20", "-$3.00". */
export function signedUsd(value: number | null): string {
  return value !== null && value > 0 ? `+${usd(value)}` : usd(value);
}

export function count(value: number | null): string {
  return value === null ? UNKNOWN : whole.format(value);
}

export function percentage(value: number | null): string {
  return value === null ? UNKNOWN : `${oneDecimal.format(value)}%`;
}

/** @returns the number with at most one decimal. */
export function decimal(value: number | null): string {
  return value === null ? UNKNOWN : oneDecimal.format(value);
}

export function milliseconds(value: number | null): string {
  return value === null ? UNKNOWN : `${whole.format(value)} ms`;
}

/** @returns "1,234" or "2.4": a number of something, whose name follows it. */
function quantity(value: number): string {
  return Math.abs(value) < 100 ? threeDigits.format(value) : whole.format(value);
}

/**
 * @param unit as a finding has it: "USD", "USD/month", "%", "ms", or what is counted.
 * @returns the figure as an answer shows it: money, shares and times with their unit, else the number.
 */
export function renderFigure(value: number, unit: string): string {
  if (/^usd\b/i.test(unit)) return usd(value);
  if (/^(%|percent|pct)/i.test(unit)) return percentage(value);
  return unit === "ms" ? milliseconds(value) : quantity(value);
}
