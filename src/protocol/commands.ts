/** Every frame a client sends; a field it does not know is refused by its name. */
import * as z from "zod";
import { ApprovalDecision } from "./approvals.ts";
import { CallId, ClientMessageId, Epoch, MessageId, ResumeSeq, RunId } from "./ids.ts";
import { MAX_BUDGET_USD, MAX_MESSAGE_LENGTH } from "./limits.ts";
import { Text } from "./text.ts";
import { WRITTEN } from "./written.ts";

/** What a user says: not blank, and bounded. */
export const MessageContent = Text.min(1, "must not be empty")
  .max(MAX_MESSAGE_LENGTH, `must be at most ${MAX_MESSAGE_LENGTH} characters`)
  .refine((text) => text.trim().length > 0, "must not be blank");

/**
 * What becomes of a message while a run of its thread is live or waiting: it takes its place behind
 * them, it is refused with `thread_busy`, or it cancels them all and goes next.
 */
export const Queueing = z.enum(["queue", "reject", "interrupt"]);
export type Queueing = z.infer<typeof Queueing>;

/** What may be chosen for one run; what is left out is the platform's choice, and `queue`. */
export const RunChoice = z.object({
  agent: Text.min(1).max(64).optional(),
  model: Text.min(1).max(128).optional(),
  queueing: Queueing.optional(),
  max_cost_usd: z
    .number()
    .positive()
    .max(MAX_BUDGET_USD)
    .optional()
    .describe("Past it the run is stopped in mid-stream, with `budget_exceeded`"),
});

/**
 * The user's earlier message whose place this one takes: the conversation goes on from before it,
 * and it and everything said since no longer counts. With the same words the answer is made anew.
 */
export const Replaces = MessageId;

export const UserMessage = z.strictObject({
  type: z.literal("user_message"),
  client_message_id: ClientMessageId.optional(),
  content: MessageContent,
  replaces: Replaces.optional(),
  ...RunChoice.shape,
});

/** Ends the run, or takes it out of the queue; without a run id, the live one. */
export const Cancel = z.strictObject({ type: z.literal("cancel"), run_id: RunId.optional() });

/** Approves or rejects a tool call that waits for it. The first decision counts. */
export const Approve = z.strictObject({
  type: z.literal("approve"),
  call_id: CallId,
  decision: ApprovalDecision,
});

/** What a client has of the answer under way, so that a resume brings the rest of it alone. */
export const Written = z
  .string()
  .regex(WRITTEN, "must be <message id>.<length>.<hash>")
  .describe("`<message id>.<length>.<FNV-1a of the text>`: the rest of this answer alone follows");

/** Asks again for what came after a position, without opening another socket. */
export const Resume = z.strictObject({
  type: z.literal("resume"),
  after: ResumeSeq,
  epoch: Epoch,
  written: Written.optional(),
});

/**
 * Says how far the client has read, and has no answer. A client that is sent much, and neither gets
 * further nor says anything new, is taken for one that does not read, and is let go with 1013.
 */
export const Ack = z.strictObject({ type: z.literal("ack"), seq: ResumeSeq });

export const Reauthenticate = z.strictObject({
  type: z.literal("reauthenticate"),
  token: z.string().min(1).max(8192),
});

export const Ping = z.strictObject({ type: z.literal("ping") });

export const Command = z.discriminatedUnion("type", [
  UserMessage,
  Cancel,
  Approve,
  Resume,
  Ack,
  Reauthenticate,
  Ping,
]);
export type Command = z.infer<typeof Command>;

/** @returns every command's type, for the message that answers an unknown one. */
export const COMMAND_TYPES: readonly string[] = Command.options.map(
  (option) => option.shape.type.value,
);

/** Enough of a frame to say which command it meant to be. */
export const CommandHead = z.looseObject({
  type: z.string(),
  client_message_id: z.string().optional().catch(undefined),
});
