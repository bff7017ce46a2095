/** What the AI SDK's chat sends: its whole list of UI messages, of which the server takes the newest. */
import * as z from "zod";
import { CallerTool, type CallerTurn } from "../../protocol/caller.ts";
import { CallId, ClientMessageId } from "../../protocol/ids.ts";
import { Text } from "../../protocol/text.ts";
import { type Asked, askedIn } from "../transcript.ts";

/** A chat's id is its client's own, of whatever text it likes. */
export const ChatId = Text.min(1).max(500);

const TextPart = z.looseObject({ type: z.literal("text"), text: z.string() });
/** A call that the page executed itself; ours say `providerExecuted`. */
const ToolPart = z.looseObject({
  type: z.string().regex(/^(dynamic-tool|tool-.+)$/),
  toolName: z.string().optional(),
  toolCallId: CallId,
  state: z.string(),
  input: z.unknown(),
  output: z.unknown(),
  errorText: z.string().optional(),
  providerExecuted: z.boolean().optional(),
});

const UiMessage = z.looseObject({
  id: z.string(),
  role: z.enum(["system", "user", "assistant"]),
  parts: z.array(z.looseObject({ type: z.string() })).max(2_000),
});
type UiMessage = z.infer<typeof UiMessage>;

export const ChatBody = z.looseObject({
  id: ChatId,
  messages: z.array(UiMessage).min(1).max(1_000),
  trigger: z.enum(["submit-message", "regenerate-message"]).default("submit-message"),
  messageId: z.string().nullish().describe("The message that is changed or made anew"),
  agent: z.string().max(64).optional(),
  tools: z
    .array(CallerTool)
    .max(64)
    .default([])
    .describe("Functions of the page's own, for its `onToolCall`"),
});
export type ChatBody = z.infer<typeof ChatBody>;

/** What is asked, and whose place it takes. */
interface AskedInChat {
  readonly asked: Asked;
  /** Under which the message is taken once; undefined where it is said anew. */
  readonly key: ClientMessageId | undefined;
  /** Whether the answer is the rest of one that the page shows already. */
  readonly goesOn: boolean;
  /** Where the message that is changed, or answered anew, stands among the user's own, from 0. */
  readonly replaces: number | null;
}

/** @throws {ApexError} `invalid_fields`. */
export function askedInChat({ messages, tools, trigger, messageId }: ChatBody): AskedInChat {
  const instructions = messages.filter(({ role }) => role === "system").map(wordsOf);
  const turns = messages.flatMap(turnsOf);
  const asked = askedIn(
    trimmed(turns, trigger === "regenerate-message"),
    { instructions, tools },
    "messages",
  );
  const own = messages.filter(({ role }) => role === "user");
  const goesOn = asked.caller.after.length > 0;
  const anew = !goesOn && (trigger === "regenerate-message" || Boolean(messageId));
  return {
    asked,
    goesOn,
    key: anew || goesOn ? undefined : ClientMessageId.safeParse(own.at(-1)?.id).data,
    replaces: anew ? own.length - 1 : null,
  };
}

/** The answer that is to be made anew may still stand at the end, and a page shows no answer without text. */
function trimmed(turns: readonly CallerTurn[], anew: boolean): readonly CallerTurn[] {
  if (!anew) return turns;
  return turns.slice(0, turns.findLastIndex(({ role }) => role === "user") + 1);
}

function turnsOf(message: UiMessage): CallerTurn[] {
  const content = wordsOf(message);
  if (message.role === "system") return [];
  if (message.role === "user") return [{ role: "user", content }];
  const parts = message.parts.flatMap((part) => ToolPart.safeParse(part).data ?? []);
  const executed = parts.filter(
    ({ providerExecuted, state }) => providerExecuted !== true && state.startsWith("output-"),
  );
  const calls = executed.map(({ type, toolName, toolCallId, input }) => ({
    call_id: toolCallId,
    name: toolName ?? type.replace(/^tool-/, ""),
    arguments: JSON.stringify(input ?? {}),
  }));
  const results = executed.map(({ toolCallId, output, errorText }) => ({
    role: "tool" as const,
    call_id: toolCallId,
    content: typeof output === "string" ? output : JSON.stringify(output ?? { error: errorText }),
  }));
  return [{ role: "assistant", content, calls }, ...results];
}

function wordsOf({ parts }: UiMessage): string {
  return parts.flatMap((part) => TextPart.safeParse(part).data?.text ?? []).join("\n");
}
