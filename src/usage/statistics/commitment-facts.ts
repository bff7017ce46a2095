/** A reserved capacity held against the hours it was paid for: what is told of it, for each hour of the day too. */
import * as z from "zod";
import { type Calendar, HOUR_MS } from "../calendar.ts";
import type { Extent, Scope } from "../store.ts";
import { sumUsage, tokensOf } from "../sums.ts";
import {
  breakEvenPct,
  type Commitment,
  cheapestSize,
  totalUsd,
  utilisation,
} from "./commitment.ts";
import { monthly, noMonth } from "./monthly.ts";
import type { HourUsage } from "./spend-series.ts";

const HourOfDay = z.object({
  hour: z.number().int().describe("0 to 23, in the window's time zone"),
  utilisation_pct: z.number(),
  idle_usd: z.number(),
});
type HourOfDay = z.infer<typeof HourOfDay>;

const Resize = z.object({
  capacity_tokens_per_hour: z.number(),
  monthly_usd: z.number().nullable(),
  monthly_change_usd: z.number().nullable(),
});

export const CommitmentFacts = z.object({
  capacity_tokens_per_hour: z.number(),
  hourly_price_usd: z.number(),
  hours: z.number().int(),
  tokens: z.number(),
  overflow_tokens: z.number().describe("Of hours that had more than fits"),
  utilisation_pct: z.number(),
  committed_usd: z.number(),
  idle_usd: z.number(),
  on_demand: z
    .object({
      usd_per_million_tokens: z.number().describe("The mean of the priced tokens"),
      break_even_pct: z.number().nullable().describe("Utilisation above which it pays"),
      on_demand_monthly_usd: z.number().nullable().describe("All by the token"),
      committed_monthly_usd: z
        .number()
        .nullable()
        .describe("The commitment, and by the token what overflows"),
      resize: Resize.describe("What would have cost least, at the same price a token of capacity"),
    })
    .nullable()
    .describe(
      "Against paying by the token, a month null under a day of hours; null where no token has a known price",
    ),
  by_hour_of_day: z.array(HourOfDay),
});
export type CommitmentFacts = z.infer<typeof CommitmentFacts>;

/** An hour that was paid for, and the tokens it used. */
interface PaidHour {
  readonly begins: number;
  readonly tokens: number;
}

/** @returns how a commitment did in a scope, or null where no whole hour of it is covered. */
export function commitmentFacts(
  commitment: Commitment,
  usage: readonly HourUsage[],
  { scope, calendar, extent }: { scope: Scope; calendar: Calendar; extent: Extent | null },
): CommitmentFacts | null {
  const hours = wholeHours(scope, extent, usage);
  const tokens = hours.map((hour) => hour.tokens);
  const used = utilisation(tokens, commitment);
  if (used === null) return null;
  const sums = sumUsage(usage.map((hour) => hour.sums));
  return {
    capacity_tokens_per_hour: commitment.tokensPerHour,
    hourly_price_usd: commitment.hourlyPriceUsd,
    hours: used.hours,
    tokens: used.tokens,
    overflow_tokens: used.overflowTokens,
    utilisation_pct: used.utilisationPct,
    committed_usd: used.committedUsd,
    idle_usd: used.idleUsd,
    on_demand:
      sums.priced_tokens > 0
        ? againstOnDemand(commitment, tokens, sums.cost_usd / sums.priced_tokens)
        : null,
    by_hour_of_day: byHourOfDay(commitment, hours, calendar),
  };
}

/** Every whole hour that the window and the records cover, idle ones too. */
function wholeHours(scope: Scope, extent: Extent | null, usage: readonly HourUsage[]): PaidHour[] {
  if (extent === null) return [];
  const used = new Map(usage.map(({ begins, sums }) => [begins, tokensOf(sums)]));
  const first = Math.max(Math.ceil(scope.from / HOUR_MS), Math.floor(extent.first / HOUR_MS));
  const end = Math.min(Math.floor(scope.to / HOUR_MS), Math.floor(extent.last / HOUR_MS) + 1);
  return Array.from({ length: Math.max(0, end - first) }, (_, index) => {
    const begins = (first + index) * HOUR_MS;
    return { begins, tokens: used.get(begins) ?? 0 };
  });
}

function againstOnDemand(
  commitment: Commitment,
  tokens: readonly number[],
  usdPerToken: number,
): CommitmentFacts["on_demand"] {
  const isTooShort = noMonth(tokens.length / 24) !== null;
  const month = (sum: number) =>
    isTooShort ? null : monthly(sum, { from: 0, to: tokens.length * HOUR_MS });
  const best = cheapestSize(tokens, commitment, usdPerToken);
  const committed = totalUsd(tokens, commitment, usdPerToken);
  const all = tokens.reduce((sum, used) => sum + used, 0);
  return {
    usd_per_million_tokens: usdPerToken * 1e6,
    break_even_pct: breakEvenPct(commitment, usdPerToken),
    on_demand_monthly_usd: month(all * usdPerToken),
    committed_monthly_usd: month(committed),
    resize: {
      capacity_tokens_per_hour: best.tokensPerHour,
      monthly_usd: month(best.totalUsd),
      monthly_change_usd: month(best.totalUsd - committed),
    },
  };
}

function byHourOfDay(
  commitment: Commitment,
  hours: readonly PaidHour[],
  calendar: Calendar,
): HourOfDay[] {
  const hourOf = ({ begins }: PaidHour) => new Date(calendar.wallTime(begins)).getUTCHours();
  const alike = [...Map.groupBy(hours, hourOf)].toSorted(([left], [right]) => left - right);
  return alike.flatMap(([hour, members]) => {
    const tokens = members.map((member) => member.tokens);
    const used = utilisation(tokens, commitment);
    return used ? { hour, utilisation_pct: used.utilisationPct, idle_usd: used.idleUsd } : [];
  });
}
