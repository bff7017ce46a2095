/** A message of A2A as far as it is read: who sent it is known, and its parts must be text. */
import * as z from "zod";
import { MessageContent } from "../../protocol/commands.ts";
import { ClientMessageId } from "../../protocol/ids.ts";
import { parseInput } from "../../protocol/parse-input.ts";

const Part = z.object(
  { content: z.object({ $case: z.literal("text"), value: z.string() }) },
  "must be text: no other part is understood",
);

const AskedMessage = z.object({
  messageId: ClientMessageId,
  contextId: z.string().max(64),
  taskId: z.string().max(64),
  parts: z.array(Part).min(1).max(1_000),
});

/** @throws {ApexError} `invalid_fields` where it is none, or says nothing. */
export function askedMessage(message: unknown) {
  const { parts, ...asked } = parseInput(AskedMessage, message, "the message");
  const text = parts.map(({ content }) => content.value).join("\n\n");
  return { ...asked, content: parseInput(MessageContent, text, "the message's text") };
}
