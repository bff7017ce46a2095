/** The terms of savings: levers, estimates with their intervals, and a portfolio of them. */
import * as z from "zod";

/** The ways to save, in the order they are replayed together: each acts on what the one before left. */
export const Lever = z.enum(["duplicates", "right_size", "trim", "prompt_cache", "batch"]);
export type Lever = z.infer<typeof Lever>;

/** How a figure was obtained. A weaker basis is never presented as a stronger one. */
export const Basis = z.enum(["measured", "replayed", "simulated", "assumed"]);
export type Basis = z.infer<typeof Basis>;

/** A figure with its interval: of 95 % if it comes from a sample, otherwise as its assumptions say. */
export const Estimate = z.object({ value: z.number(), low: z.number(), high: z.number() });
export type Estimate = z.infer<typeof Estimate>;

/** What a lever does to the time a person waits. */
export const LatencyEffect = z.enum(["better", "none", "worse", "unknown"]);
export type LatencyEffect = z.infer<typeof LatencyEffect>;

/** What one lever saves a month, beside the others and alone. */
export const LeverSaving = z.object({
  lever: Lever,
  title: z.string(),
  subject: z.string().nullable().describe("The feature or model it is about; null for all"),
  monthly_usd: Estimate.describe("Beside the levers before it, their overlap taken out"),
  alone_monthly_usd: z.number().describe("If it were the only one"),
  n_records: z.number().int().min(0),
  latency_effect: LatencyEffect,
  basis: Basis,
  assumptions: z.array(z.string()),
  left_out: z.string().nullable().describe("Why it is in no total; null where it is in"),
  fact: z.string().describe("The name of the finding, of the same call, that holds it"),
});
export type LeverSaving = z.infer<typeof LeverSaving>;

/** @returns the lever's title with what it is about: several of a kind share the title alone. */
export function titleWithSubject({
  title,
  subject,
}: Pick<LeverSaving, "title" | "subject">): string {
  return subject === null ? title : `${title} (${subject})`;
}

/** All levers together. */
export const Portfolio = z.object({
  current_monthly_usd: z.number(),
  levers: z.array(LeverSaving).describe("The largest saving first"),
  monthly_usd: Estimate.describe("What all that are in save together"),
  saving_pct: Estimate.describe("Of the current cost"),
  sum_of_alone_monthly_usd: z.number().describe("What adding them up naively would claim"),
  efficiency_gain_pct: z
    .number()
    .nullable()
    .describe("1 − cost of a successful request after, over before; percent"),
  roi: z
    .object({
      twelve_month_pct: z.number(),
      payback_months: z.number().nullable(),
      implementation_usd: z.number(),
      running_monthly_usd: z.number(),
    })
    .nullable()
    .describe("null where the costs of putting it in place were not stated"),
  roi_formula: z.string().describe("12 × (saving − running cost) less the investment, over it"),
  target: z
    .object({
      wanted_pct: z.number(),
      supported_pct: z
        .number()
        .describe(
          "By the low bounds above zero, without what costs latency where asked: what a plan is made of",
        ),
      reached: z.boolean(),
      needs: z.string().nullable().describe("What it would take; null where it is reached"),
    })
    .nullable(),
});
export type Portfolio = z.infer<typeof Portfolio>;

/** One step of an action plan; nothing is applied by making it. */
export const ActionStep = z.object({
  position: z.number().int().min(1),
  title: z.string(),
  lever: Lever,
  owner: z.string(),
  change: z.string(),
  monthly_low_usd: z.number(),
  effort_hours: z.number().nullable(),
  starts_in_days: z.number().int().min(0),
  takes_days: z.number().int().min(1),
  facts: z.array(z.string()).describe("The findings of the same call that it rests on"),
  check: z.string().describe("What shows that it worked"),
  rollback: z.string(),
  guard: z
    .object({ metric: z.string(), margin: z.number(), n_per_arm: z.number().int() })
    .describe("The non-inferiority test that goes with it"),
  stop_rule: z.string(),
  approval: z.string().describe("Who must agree before it is done"),
});
export type ActionStep = z.infer<typeof ActionStep>;
