/** What an AG-UI client sends to have an agent run: of it all, only what is new is taken. */
import * as z from "zod";
import { CallerTool, type CallerTurn } from "../../protocol/caller.ts";
import { MessageContent } from "../../protocol/commands.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { RunId } from "../../protocol/ids.ts";
import { Json } from "../../protocol/json.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { Text } from "../../protocol/text.ts";
import { type AgUiMessage, callOf } from "./events.ts";

/** A message as it may arrive, to be told again as it came: only of the last one of the user more is asked. */
const InputMessage = z.looseObject({ id: z.string().min(1), role: z.string() }).catchall(Json);

/** `RunAgentInput`. The client's state and its context are not used. */
export const RunInput = z.looseObject({
  threadId: Text.min(1).max(256).describe("A thread's id, or a name of the client's own for one"),
  runId: Text.min(1).max(256).describe("The client's name for the run: it is told by it"),
  protocolVersion: z.string().max(16).optional(),
  messages: z
    .array(InputMessage)
    .describe("The conversation as the client has it: the last message of the user is taken"),
  tools: z
    .array(z.looseObject(CallerTool.shape))
    .max(64)
    .nullish()
    .describe("Functions of the page's own: a run that asks for one ends with that"),
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

/** What the client's function gave, under our name for its call. */
const ResultMessage = z.object({
  toolCallId: z.string(),
  content: z.string(),
  error: z.string().optional(),
});

/** Results of calls that a run has ended with, for the run that goes on. */
export interface PageResults {
  readonly runId: RunId;
  readonly turns: readonly CallerTurn[];
  /** The conversation up to them. */
  readonly before: readonly AgUiMessage[];
}

/** What is new in an input, and how far the conversation had come. */
export interface Asked {
  /** The client's id of the message: the same one again is the same message. */
  readonly id: string;
  readonly content: string;
  /** The conversation up to the message. */
  readonly before: readonly AgUiMessage[];
  /** Whether the client has something after the message already: it joins in the middle of the run. */
  readonly rejoins: boolean;
  /** Calls among those after the message that have a result, of the newest run there; null for none. */
  readonly results: PageResults | null;
  readonly tools: readonly CallerTool[];
}

/** @throws {ApexError} `invalid_fields` where the user has said nothing that can be answered. */
export function askedIn({ messages, tools }: RunInput): Asked {
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
    results: resultsIn(messages, at + 1),
    tools: (tools ?? []).map((tool) => CallerTool.parse(tool)),
  };
}

/** @param from where in the messages those begin that follow the question. */
function resultsIn(messages: RunInput["messages"], from: number): PageResults | null {
  const found = messages.slice(from).flatMap((message, index) => {
    const result = message.role === "tool" ? ResultMessage.safeParse(message).data : undefined;
    const call = result && callOf(result.toolCallId);
    if (!result || !call) return [];
    const content = result.error ?? result.content;
    const turn: CallerTurn = { role: "tool", call_id: call.callId, content };
    return [{ runId: call.runId, turn, end: from + index + 1 }];
  });
  const last = found.at(-1);
  if (last === undefined) return null;
  const { runId, end } = last;
  const turns = found.filter((each) => each.runId === runId).map(({ turn }) => turn);
  return { runId, turns, before: messages.slice(0, end) };
}
