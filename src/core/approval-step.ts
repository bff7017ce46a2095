/** The checkpoint of a tool call that a person has to approve. */
import * as z from "zod";
import { ApprovalOutcome } from "../protocol/approvals.ts";
import { CallId } from "../protocol/ids.ts";
import { OfPart } from "./team/team-step.ts";

/** How far the question whether a call may be executed has come. */
export const ApprovalStep = z.object({
  kind: z.literal("approval"),
  part: OfPart,
  call_id: CallId,
  state: z.enum(["requested", ...ApprovalOutcome.options, "executing"]),
  expires_at: z.number().describe("Milliseconds since the Unix epoch"),
});
export type ApprovalStep = z.infer<typeof ApprovalStep>;
