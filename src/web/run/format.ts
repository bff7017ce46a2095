/** Writes figures as people read them. */
import type { RunUsage } from "../../protocol/entities.ts";

const whole = new Intl.NumberFormat("en");
const fine = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });

/** @returns a figure of a finding, to six significant digits. */
export function formatFigure(value: number): string {
  return fine.format(value);
}

/** @returns a duration given in milliseconds: `840 ms`, `4.2 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** @returns a cost in US dollars, fine enough that a cheap run isn't shown as free. */
export function formatCost(dollars: number): string {
  if (dollars === 0) return "$0";
  if (dollars < 0.0001) return "< $0.0001";
  return `$${dollars.toFixed(dollars < 1 ? 4 : 2)}`;
}

/** @returns tokens and cost in one line, saying what is estimated and what is unknown. */
export function formatUsage(usage: RunUsage): string {
  const about = usage.estimated ? "about " : "";
  const tokens = `${about}${whole.format(usage.input_tokens)} tokens in, ${whole.format(usage.output_tokens)} out`;
  const cost = usage.cost_usd === null ? "cost unknown" : `${about}${formatCost(usage.cost_usd)}`;
  return `${tokens} · ${cost}`;
}
