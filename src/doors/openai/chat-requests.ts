/** A chat completion as it is asked for: what of it counts here, what is passed over, what is refused. */
import * as z from "zod";
import { CallerTool, type CallerTurn } from "../../protocol/caller.ts";
import { CallId } from "../../protocol/ids.ts";
import { Json } from "../../protocol/json.ts";
import { type Asked, askedIn } from "../transcript.ts";
import { type JsonDemand, jsonDemandOf } from "./json-demand.ts";
import { chosenTools, type ToolChoice } from "./tool-choice.ts";
import { UNSERVED_IN_CHAT } from "./unserved.ts";

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

const Choice = z.union(
  [
    z.enum(["auto", "none", "required"]),
    z.looseObject({
      type: z.literal("function"),
      function: z.looseObject({ name: z.string() }),
    }),
  ],
  { error: 'must be "auto", "none", "required" or a function of the tools' },
);

const Format = z.discriminatedUnion(
  "type",
  [
    z.looseObject({ type: z.enum(["text", "json_object"]) }),
    z.looseObject({
      type: z.literal("json_schema"),
      json_schema: z.looseObject({ name: z.string(), schema: z.record(z.string(), Json) }),
    }),
  ],
  { error: "must be text, json_object or json_schema" },
);

/** Sampling (`temperature`, `max_tokens`, …) is the agents' own: what is asked of it is passed over. */
export const ChatCompletionBody = z.looseObject({
  ...UNSERVED_IN_CHAT,
  model: z.string().max(128).describe("An agent, as `/v1/models` lists them: `apex-supervisor`"),
  messages: z.array(ChatMessage).min(1).max(1_000),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z
    .array(z.looseObject({ type: z.literal("function"), function: CallerTool }))
    .max(64)
    .nullish(),
  tool_choice: Choice.nullish(),
  response_format: Format.nullish(),
  metadata: z.looseObject({ thread_id: z.string().max(64).optional() }).nullish(),
});
export type ChatCompletionBody = z.infer<typeof ChatCompletionBody>;

/** @returns what the answer has to be; null for any text. @throws {ApexError} `invalid_fields`. */
export function demandInChat({ response_format }: ChatCompletionBody): JsonDemand | null {
  if (response_format?.type !== "json_schema") {
    return jsonDemandOf({ type: response_format?.type ?? "text" }, "response_format");
  }
  const { schema } = response_format.json_schema;
  return jsonDemandOf({ type: "json_schema", schema }, "response_format.json_schema.schema");
}

/** @returns what is asked. @throws {ApexError} `invalid_fields`. */
export function askedInChat(body: ChatCompletionBody, demand: JsonDemand | null): Asked {
  const { messages, tools, tool_choice } = body;
  const given = messages.flatMap((message) =>
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
  const instructions = [...given, demand?.instructions ?? ""];
  const own = (tools ?? []).map((tool) => tool.function);
  const chosen = chosenTools(own, choiceOf(tool_choice));
  return askedIn(turns, { instructions, ...chosen }, "messages");
}

function choiceOf(choice: ChatCompletionBody["tool_choice"]): ToolChoice {
  return typeof choice === "object" && choice !== null
    ? { name: choice.function.name }
    : (choice ?? "auto");
}

function textOf(content: z.infer<typeof Content>): string {
  return typeof content === "string" ? content : content.map(({ text }) => text).join("\n");
}
