/** What one's runs may cost and what they did: the budget of a month, and the ledger of all runs. */
import * as z from "zod";
import { FinalStatus, RunUsage } from "./entities.ts";
import { RunId, ThreadId, Timestamp } from "./ids.ts";
import { DEFAULT_PAGE, MAX_BUDGET_USD, MAX_PAGE } from "./limits.ts";

/** A month's budget. */
export const SetBudgetBody = z.strictObject({
  monthly_usd: z.number().positive().max(MAX_BUDGET_USD).nullable().describe("null: no budget"),
});
export type SetBudgetBody = z.infer<typeof SetBudgetBody>;

/** The state of this month's budget (UTC). */
export const Budget = z.object({
  monthly_usd: z.number().nullable(),
  spent_usd: z.number().describe("By runs that have ended"),
  remaining_usd: z.number().nullable().describe("null where there is no budget"),
  period: z.string().describe("The month, as 2026-11"),
  resets_at: Timestamp,
});
export type Budget = z.infer<typeof Budget>;

/** What one run used, as in its `agent_completed`, or what the summary of a long thread after it used. */
export const LedgerEntry = z.object({
  run_id: RunId,
  thread_id: ThreadId,
  status: FinalStatus,
  agent: z.string().nullable(),
  model: z.string(),
  usage: RunUsage.describe("`estimated` where a part of it was sized from the text"),
  ended_at: Timestamp,
  summary: z
    .literal(true)
    .optional()
    .describe("Set where it is not the run's own use, but that of the summary made after it"),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;

/** The sums of all entries; `…runs` count runs alone, and unpriced ones have no part in the cost. */
export const LedgerSum = z.object({
  runs: z.int().min(0),
  estimated_runs: z.int().min(0),
  unpriced_runs: z.int().min(0),
  input_tokens: z.int().min(0),
  cached_input_tokens: z.int().min(0),
  output_tokens: z.int().min(0),
  reasoning_tokens: z.int().min(0),
  model_calls: z.int().min(0),
  cost_usd: z.number().min(0),
});
export type LedgerSum = z.infer<typeof LedgerSum>;

/** Which page of the ledger, and of which month. */
export const LedgerQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
  cursor: z.string().min(1).max(256).optional(),
});
export type LedgerQuery = z.infer<typeof LedgerQuery>;

/** The entries, the newest first, and what all of them come to, day by day. */
export const Ledger = z.object({
  data: z.array(LedgerEntry),
  next_cursor: z.string().nullable(),
  days: z.array(LedgerSum.extend({ day: z.iso.date() })).describe("UTC, the newest first"),
  total: LedgerSum.describe("Of all entries that are kept: those of 400 days"),
});
export type Ledger = z.infer<typeof Ledger>;
/** A page of entries without the sums of all, which take a look at every one. */
export type LedgerPage = Pick<Ledger, "data" | "next_cursor">;
