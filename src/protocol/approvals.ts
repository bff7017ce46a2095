/** A tool call that a person has to approve: what is asked, what was decided, and how one decides. */
import * as z from "zod";
import { ofRun } from "./envelope.ts";
import { CallId, RunId, Seq, Timestamp } from "./ids.ts";
import { Json } from "./json.ts";

/** What a person may say to a call that waits for them. */
export const ApprovalDecision = z.enum(["approved", "rejected"]);
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;

/** What became of the question: a person's decision, or the end of the time for one. */
export const ApprovalOutcome = z.enum([...ApprovalDecision.options, "expired"]);
export type ApprovalOutcome = z.infer<typeof ApprovalOutcome>;

/**
 * The call is not executed before a person approves it. It opens the call: `tool_executing` follows
 * an approval, and `tool_completed` closes it in any case.
 */
export const ApprovalRequested = ofRun(
  "approval_requested",
  z.object({
    call_id: CallId,
    tool_name: z.string(),
    operation: z.string().min(20).describe("A sentence: what is to be done and why"),
    arguments: Json,
    expires_at: Timestamp.describe("When the call is refused because nobody decided"),
  }),
);
export type ApprovalRequested = z.infer<typeof ApprovalRequested>;

/** The first decision; later ones do not change it. */
export const ApprovalDecided = ofRun(
  "approval_decided",
  z.object({ call_id: CallId, decision: ApprovalOutcome, by: z.enum(["user", "clock"]) }),
);
export type ApprovalDecided = z.infer<typeof ApprovalDecided>;

/** A word on a call that waits for one. */
export const DecideApprovalBody = z.strictObject({ decision: ApprovalDecision });
export type DecideApprovalBody = z.infer<typeof DecideApprovalBody>;

/** The decision in force. Deciding the same again gives the same answer. */
export const ApprovalReceipt = z.object({
  run_id: RunId,
  call_id: CallId,
  decision: ApprovalDecision,
  decided_at: Timestamp,
  seq: Seq.describe("The event that tells of it"),
});
export type ApprovalReceipt = z.infer<typeof ApprovalReceipt>;
