/** The things people browse: users, threads, messages, runs, and the findings runs are built on. */
import * as z from "zod";
import {
  CallId,
  FactId,
  MessageId,
  OrganizationId,
  RunId,
  Seq,
  ThreadId,
  Timestamp,
  UserId,
} from "./ids.ts";
import { Basis } from "./optimization.ts";
import { Problem } from "./problem.ts";
import { Outcome, Report } from "./report.ts";
import { OrganizationRole } from "./scopes.ts";
import { Text } from "./text.ts";
import { Tier } from "./tiers.ts";

/** Somebody with an account. */
export const User = z.object({
  id: UserId,
  email: z.email(),
  name: z.string(),
  tier: Tier.describe("The team's, for who has one"),
  permissions: z.array(z.string()).describe("Scopes granted beside those of the role"),
  organization_id: OrganizationId.nullable().describe("The team; null for who works alone"),
  role: OrganizationRole,
  created_at: Timestamp,
});
export type User = z.infer<typeof User>;

/** Free labels of a thread: up to 32 short strings, for integrations. */
export const Metadata = z
  .record(Text.min(1).max(64), Text.max(512))
  .refine((labels) => Object.keys(labels).length <= 32, "must hold at most 32 entries");

/** A conversation. */
export const Thread = z.object({
  id: ThreadId,
  title: z.string().nullable(),
  metadata: Metadata,
  forked_from: z
    .object({ thread_id: ThreadId, message_id: MessageId })
    .nullable()
    .describe("The thread, and the last message of it, that this one began as a copy of"),
  created_at: Timestamp,
  updated_at: Timestamp,
});
export type Thread = z.infer<typeof Thread>;

/** The author of a message. */
export const Role = z.enum(["user", "assistant"]);
export type Role = z.infer<typeof Role>;

/** Where a run is, or how it ended. */
export const RunStatus = z.enum(["queued", "running", "completed", "failed", "cancelled"]);
export type RunStatus = z.infer<typeof RunStatus>;

/** The states a run never leaves. */
export const FinalStatus = RunStatus.extract(["completed", "failed", "cancelled"]);
export type FinalStatus = z.infer<typeof FinalStatus>;

/** A message of a thread. */
export const Message = z.object({
  id: MessageId,
  thread_id: ThreadId,
  run_id: RunId,
  seq: Seq.describe("The event that created the message; messages are ordered by it"),
  role: Role,
  content: z.string(),
  agent: z.string().nullable().describe("The agent that wrote it; null for the user's own"),
  status: z
    .enum(["streaming", "complete", "failed", "cancelled"])
    .describe("What became of the writing; a user's message is always complete"),
  superseded_by: MessageId.nullable().describe(
    "The user's message since which this one no longer counts; null where it counts",
  ),
  created_at: Timestamp,
});
export type Message = z.infer<typeof Message>;

/** Tokens and cost of a run, summed over its model calls. Cached ⊆ input, reasoning ⊆ output. */
export const RunUsage = z.object({
  input_tokens: z.number().int().min(0),
  cached_input_tokens: z.number().int().min(0),
  output_tokens: z.number().int().min(0),
  reasoning_tokens: z.number().int().min(0),
  model_calls: z.number().int().min(0),
  cost_usd: z.number().min(0).nullable().describe("null where the model has no known price"),
  estimated: z.boolean().describe("true where the endpoint gave no counts and they were sized"),
});
export type RunUsage = z.infer<typeof RunUsage>;

/** A figure a tool computed, with the call and the records it came from. */
export const Finding = z.object({
  fact_id: FactId.describe("What an answer refers to it by; one figure of the run has it"),
  call_id: CallId,
  tool_name: z.string(),
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  interval: z
    .object({ low: z.number(), high: z.number() })
    .nullable()
    .describe("null for a plain sum over all records, which no sample stands for"),
  n_records: z.number().int().min(0),
  basis: Basis,
});
export type Finding = z.infer<typeof Finding>;

/** Where an answer states a figure: a span of its text, in UTF-16 code units. */
const Span = z.object({ offset: z.number().int().min(0), length: z.number().int().min(1) });

/** How an answer's figures stand to what the tools of its run computed. */
export const Grounding = z.object({
  citations: z.array(Span.extend({ fact_id: FactId })).describe("Figures, and the facts they are"),
  unverified: z.array(Span).describe("Figures that no tool computed and the user did not state"),
});
export type Grounding = z.infer<typeof Grounding>;

/** The findings of a run: its figures, and the savings if they were asked for. */
export const RunResults = z.object({
  findings: z.array(Finding),
  grounding: Grounding,
  outcome: Outcome.nullable().describe("null where the run computed no savings"),
  report: Report.nullable().describe("null where none was made"),
});
export type RunResults = z.infer<typeof RunResults>;

/** The run of a message: its state and its result. */
export const Run = z.object({
  id: RunId,
  thread_id: ThreadId,
  message_id: MessageId.describe("The user's message the run answers"),
  answer_id: MessageId.describe("The message the run writes"),
  status: RunStatus,
  agent: z.string(),
  model: z.string(),
  final_response: z.string().nullable(),
  usage: RunUsage.nullable(),
  problem: Problem.nullable(),
  created_at: Timestamp,
  started_at: Timestamp.nullable(),
  completed_at: Timestamp.nullable(),
});
export type Run = z.infer<typeof Run>;
