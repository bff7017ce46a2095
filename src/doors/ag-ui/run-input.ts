/** What an AG-UI client sends to have an agent run: of it all, only what is new is taken. */
import * as z from "zod";
import { MessageContent } from "../../protocol/commands.ts";
import { ApexError } from "../../protocol/errors.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { Text } from "../../protocol/text.ts";
import type { AgUiMessage } from "./events.ts";

/** A message as it may arrive: only of the last one of the user more is asked. */
const InputMessage = z.looseObject({ id: z.string().min(1), role: z.string() });

/** `RunAgentInput`. Tools of the client's own, its state and its context are not used. */
export const RunInput = z.looseObject({
  threadId: Text.min(1).max(256).describe("A thread's id, or a name of the client's own for one"),
  runId: Text.min(1).max(256).describe("The client's name for the run: it is told by it"),
  protocolVersion: z.string().max(16).optional(),
  messages: z
    .array(InputMessage)
    .describe("The conversation as the client has it: the last message of the user is taken"),
});
export type RunInput = z.infer<typeof RunInput>;

const Part = z.union([
  z.object({ type: z.literal("text"), text: z.string() }).transform(({ text }) => text),
  z.object({ type: z.string() }).transform(() => null),
]);
const Content = z.union([
  z.string(),
  z.array(Part).transform((parts, context) => {
    const texts = parts.filter((text) => text !== null);
    if (texts.length < parts.length) context.addIssue("must be text: no other part is understood");
    return texts.join("\n\n");
  }),
]);
const LastMessage = z.object({
  id: Text.max(96),
  content: Content.pipe(MessageContent),
});

/** What is new in an input, and how far the conversation had come. */
export interface Asked {
  /** The client's id of the message: the same one again is the same message. */
  readonly id: string;
  readonly content: string;
  /** The conversation up to the message. */
  readonly before: readonly AgUiMessage[];
  /** Whether the client has something after the message already: it joins in the middle of the run. */
  readonly rejoins: boolean;
}

/** @throws {ApexError} `invalid_fields` where the user has said nothing that can be answered. */
export function askedIn({ messages }: RunInput): Asked {
  const at = messages.findLastIndex(({ role }) => role === "user");
  if (at < 0) {
    throw new ApexError("invalid_fields", "There is no message of the user to answer.", {
      errors: [{ field: "messages", message: "must hold a message of the user" }],
    });
  }
  return {
    ...parseInput(LastMessage, messages[at], "the user's last message"),
    before: messages.slice(0, at + 1),
    rejoins: at < messages.length - 1,
  };
}
