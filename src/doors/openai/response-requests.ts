/** A response as it is asked for: a text or a list of items, in a new thread or after another response. */
import * as z from "zod";
import { CallerTool, type CallerTurn } from "../../protocol/caller.ts";
import { CallId } from "../../protocol/ids.ts";
import { Json } from "../../protocol/json.ts";
import { type Asked, askedIn } from "../transcript.ts";
import { type JsonDemand, jsonDemandOf } from "./json-demand.ts";
import { chosenTools, type ToolChoice } from "./tool-choice.ts";
import { UNSERVED_IN_RESPONSES } from "./unserved.ts";

const Part = z.looseObject({
  type: z.enum(["input_text", "output_text", "text"], { error: "must be text" }),
  text: z.string(),
});
const Content = z.union([z.string(), z.array(Part).max(256)], {
  error: "must be text, or a list of text parts",
});

const Item = z.union(
  [
    z.looseObject({
      type: z.literal("message").optional(),
      role: z.enum(["user", "assistant", "system", "developer"]),
      content: Content,
    }),
    z.looseObject({
      type: z.literal("function_call"),
      call_id: CallId,
      name: z.string(),
      arguments: z.string(),
    }),
    z.looseObject({ type: z.literal("function_call_output"), call_id: CallId, output: Content }),
    // What an answer of ours held beside its text: it is sent back with a transcript, and known here.
    z.looseObject({ type: z.enum(["reasoning", "mcp_call"]) }),
  ],
  { error: "must be a message, a function_call, or a function_call_output" },
);
type Item = z.infer<typeof Item>;

const Choice = z.union(
  [
    z.enum(["auto", "none", "required"]),
    z.looseObject({ type: z.literal("function"), name: z.string() }),
  ],
  { error: 'must be "auto", "none", "required" or a function of the tools' },
);

const Format = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.enum(["text", "json_object"]) }),
    // The response tells of its format what is known of one, and nothing else that was sent.
    z.object({
      type: z.literal("json_schema"),
      schema: z.record(z.string(), Json),
      name: z.string().max(64).optional(),
      description: z.string().max(4_096).nullish(),
      strict: z.boolean().nullish(),
    }),
  ],
  { error: "must be text, json_object or json_schema" },
);

/** As many labels as their API takes, each as long. */
const Metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((labels) => Object.keys(labels).length <= 16, "must hold at most 16 entries");

export const ResponseBody = z.looseObject({
  ...UNSERVED_IN_RESPONSES,
  model: z.string().max(128).describe("An agent, as `/v1/models` lists them: `apex-supervisor`"),
  input: z.union([z.string(), z.array(Item).min(1).max(1_000)], {
    error: "must be text, or a list of messages, function_calls and function_call_outputs",
  }),
  instructions: z.string().nullish(),
  previous_response_id: z.string().max(128).nullish(),
  stream: z.boolean().nullish(),
  tools: z
    .array(z.looseObject({ type: z.literal("function"), ...CallerTool.shape }))
    .max(64)
    .nullish(),
  tool_choice: Choice.nullish(),
  text: z.looseObject({ format: Format.nullish() }).nullish(),
  metadata: Metadata.nullish(),
});
export type ResponseBody = z.infer<typeof ResponseBody>;

/** The parts of a request that its response repeats, whenever it is retrieved. */
const KeptRequest = z.object({
  format: Format,
  previous_response_id: z.string().nullable(),
  metadata: Metadata,
});
export type KeptRequest = z.infer<typeof KeptRequest>;

/** What a response repeats of a request that set no options. */
export const PLAIN_REQUEST: KeptRequest = {
  format: { type: "text" },
  previous_response_id: null,
  metadata: {},
};

/** @returns the parts of a request that are stored with its response. */
export function keptOf({ text, previous_response_id, metadata }: ResponseBody): KeptRequest {
  return {
    format: text?.format ?? PLAIN_REQUEST.format,
    previous_response_id: previous_response_id ?? null,
    metadata: metadata ?? {},
  };
}

/** Stands for the question of the response that asked for results: the thread knows it. */
const GOES_ON: CallerTurn = { role: "user", content: "(goes on)" };

/** @returns what was kept of a request, as it went with its message. */
export function readKept(request: string): KeptRequest {
  return KeptRequest.parse(JSON.parse(request));
}

/** @returns what the answer has to be; null for any text. @throws {ApexError} `invalid_fields`. */
export function demandInResponse({ format }: Pick<KeptRequest, "format">): JsonDemand | null {
  return jsonDemandOf(format, "text.format.schema");
}

/** @returns what is asked. @throws {ApexError} `invalid_fields`. */
export function askedInResponse(
  body: ResponseBody,
  kept: KeptRequest,
  demand: JsonDemand | null,
): Asked {
  const { input, instructions, previous_response_id: previous } = body;
  const items: readonly Item[] =
    typeof input === "string" ? [{ role: "user", content: input }] : input;
  const given = items.flatMap((item) =>
    "role" in item && (item.role === "system" || item.role === "developer")
      ? textOf(Content.parse(item.content))
      : [],
  );
  const turns = turnsOf(items);
  const isResult = turns.length > 0 && turns.every(({ role }) => role === "tool");
  const own = {
    instructions: [instructions ?? "", ...given, demand?.instructions ?? ""],
    ...chosenTools(
      (body.tools ?? []).map((tool) => CallerTool.parse(tool)),
      choiceOf(body.tool_choice),
    ),
    // An ordinary request needs nothing to be kept.
    ...(asksForMore(body) && { request: JSON.stringify(kept) }),
  };
  return askedIn(previous && isResult ? [GOES_ON, ...turns] : turns, own, "input");
}

function asksForMore({ text, previous_response_id, metadata }: ResponseBody): boolean {
  return [text?.format, previous_response_id, metadata].some(Boolean);
}

function choiceOf(choice: ResponseBody["tool_choice"]): ToolChoice {
  return typeof choice === "object" && choice !== null ? { name: choice.name } : (choice ?? "auto");
}

/** Calls that follow each other were made in one turn. */
function turnsOf(items: readonly Item[]): CallerTurn[] {
  const turns: CallerTurn[] = [];
  for (const item of items) {
    if ("role" in item) {
      const content = textOf(Content.parse(item.content));
      if (item.role === "user") turns.push({ role: "user", content });
      if (item.role === "assistant") turns.push({ role: "assistant", content, calls: [] });
    } else if (item.type === "function_call_output") {
      const { call_id, output } = z.object({ call_id: CallId, output: Content }).parse(item);
      turns.push({ role: "tool", call_id, content: textOf(output) });
    } else if (item.type === "function_call") {
      const call = z
        .object({ call_id: CallId, name: z.string(), arguments: z.string() })
        .parse(item);
      const last = turns.at(-1);
      if (last?.role === "assistant") last.calls.push(call);
      else turns.push({ role: "assistant", content: "", calls: [call] });
    }
  }
  return turns;
}

function textOf(content: z.infer<typeof Content>): string {
  return typeof content === "string" ? content : content.map(({ text }) => text).join("\n");
}
