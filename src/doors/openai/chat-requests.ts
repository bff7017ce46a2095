/** A chat completion as it is asked for: what of it counts here, what is passed over, what is refused. */
import * as z from "zod";
import { CallerTool, type CallerTurn } from "../../protocol/caller.ts";
import { CallId } from "../../protocol/ids.ts";
import { type Asked, askedIn } from "../transcript.ts";

/** Text alone: an agent here sees no pictures and hears no sound. */
const Content = z.union(
  [z.string(), z.array(z.looseObject({ type: z.literal("text"), text: z.string() })).max(256)],
  { error: "must be text, or a list of text parts" },
);

const FunctionCall = z.looseObject({
  id: CallId,
  type: z.literal("function").default("function"),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

const ChatMessage = z.discriminatedUnion("role", [
  z.looseObject({ role: z.enum(["system", "developer"]), content: Content }),
  z.looseObject({ role: z.literal("user"), content: Content }),
  z.looseObject({
    role: z.literal("assistant"),
    content: Content.nullish(),
    tool_calls: z.array(FunctionCall).nullish(),
  }),
  z.looseObject({ role: z.literal("tool"), tool_call_id: CallId, content: Content }),
]);

/** What an agent cannot be made to do is refused: a client that relies on it would be misled. */
const auto = z.enum(["auto", "none"], { error: 'must be "auto" or "none": nothing can be forced' });

/** Sampling (`temperature`, `max_tokens`, …) is the agents' own: what is asked of it is passed over. */
export const ChatCompletionBody = z.looseObject({
  model: z.string().max(128).describe("An agent, as `/v1/models` lists them: `apex-supervisor`"),
  messages: z.array(ChatMessage).min(1).max(1_000),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z
    .array(z.looseObject({ type: z.literal("function"), function: CallerTool }))
    .max(64)
    .nullish(),
  tool_choice: auto.nullish(),
  n: z.literal(1, { error: "must be 1" }).nullish(),
  response_format: z.looseObject({ type: z.literal("text", { error: "must be text" }) }).nullish(),
  metadata: z.looseObject({ thread_id: z.string().max(64).optional() }).nullish(),
});
export type ChatCompletionBody = z.infer<typeof ChatCompletionBody>;

/** @returns what is asked. @throws {ApexError} `invalid_fields`. */
export function askedInChat({ messages, tools, tool_choice }: ChatCompletionBody): Asked {
  const instructions = messages.flatMap((message) =>
    message.role === "system" || message.role === "developer" ? textOf(message.content) : [],
  );
  const turns = messages.flatMap((message): CallerTurn[] => {
    switch (message.role) {
      case "user":
        return [{ role: "user", content: textOf(message.content) }];
      case "assistant": {
        const calls = (message.tool_calls ?? []).map(({ id, function: called }) => ({
          call_id: id,
          name: called.name,
          arguments: called.arguments,
        }));
        return [{ role: "assistant", content: textOf(message.content ?? ""), calls }];
      }
      case "tool":
        return [{ role: "tool", call_id: message.tool_call_id, content: textOf(message.content) }];
      default:
        return [];
    }
  });
  const offered = tool_choice === "none" ? [] : (tools ?? []);
  const own = { instructions, tools: offered.map(({ function: each }) => each) };
  return askedIn(turns, own, "messages");
}

function textOf(content: z.infer<typeof Content>): string {
  return typeof content === "string" ? content : content.map(({ text }) => text).join("\n");
}
