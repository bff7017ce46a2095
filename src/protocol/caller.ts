/** What a program brings along that speaks another protocol: functions of its own, and a conversation it keeps itself. */
import * as z from "zod";
import { CallId } from "./ids.ts";
import { Json } from "./json.ts";
import { Text } from "./text.ts";

/** The most that a caller brings along: functions, earlier turns, and calls in one of these. */
const MAX_TOOLS = 64;
const MAX_TURNS = 500;
const MAX_CALLS = 64;
/** One turn, or one result, and all instructions together, in UTF-16 code units. */
const MAX_TURN_LENGTH = 128_000;
const MAX_INSTRUCTIONS_LENGTH = 32_000;

const ToolName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -");

/** A function that runs at the caller's: the model may ask for it, and nothing here executes it. */
export const CallerTool = z.object({
  name: ToolName,
  description: Text.max(4_096).default(""),
  parameters: z.record(z.string(), Json).default({ type: "object", properties: {} }),
});
export type CallerTool = z.infer<typeof CallerTool>;

/** A call that the caller is to execute. */
export const CallerCall = z.object({
  call_id: CallId,
  name: z.string(),
  arguments: z.string().describe("JSON text as the model wrote it; it may be broken"),
});
export type CallerCall = z.infer<typeof CallerCall>;

const turnText = Text.max(MAX_TURN_LENGTH);

/** A turn of a conversation as the caller sent it. Nothing confirms that it happened. */
export const CallerTurn = z.discriminatedUnion("role", [
  z.object({ role: z.literal("user"), content: turnText }),
  z.object({
    role: z.literal("assistant"),
    content: turnText,
    calls: z.array(CallerCall.extend({ name: ToolName, arguments: turnText })).max(MAX_CALLS),
  }),
  z.object({ role: z.literal("tool"), call_id: CallId, content: turnText }),
]);
export type CallerTurn = z.infer<typeof CallerTurn>;

/** What goes with one message, for its run alone. */
export const CallerContext = z.object({
  instructions: Text.max(MAX_INSTRUCTIONS_LENGTH).nullable(),
  before: z.array(CallerTurn).max(MAX_TURNS).describe("What was said before the message"),
  after: z.array(CallerTurn).max(MAX_TURNS).describe("Calls it led to already, and their results"),
  tools: z.array(CallerTool).max(MAX_TOOLS),
  must_call: z
    .literal(true)
    .optional()
    .describe("Set where one of the tools has to be called, and nothing else be done"),
  request: turnText
    .optional()
    .describe("What of the request its door tells again with the answer, in words of its own"),
});
export type CallerContext = z.infer<typeof CallerContext>;
