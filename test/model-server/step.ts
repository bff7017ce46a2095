/** What the model server can be told to do with one request, as a schema: it is scripted over HTTP too. */
import { z } from "zod";

const ToolCall = z.object({
  /** Left out of the stream where null: some endpoints give none. */
  id: z.string().nullable().optional(),
  name: z.string(),
  /** Text is sent as it stands, broken or not; anything else as its JSON. */
  arguments: z.unknown(),
});

/** One step answers one request. Everything is optional; an empty step is an empty answer. */
export const Step = z.strictObject({
  /** Any status but 200 answers with `body` in place of a completion. */
  status: z.number().int().min(200).max(599).default(200),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().default('{"error":{"message":"scripted failure"}}'),

  /** Waits so long before the status line, in milliseconds. */
  delay_ms: z.number().min(0).default(0),
  /** Says nothing more from there on, and keeps the connection open. */
  hang: z.enum(["before_headers", "after_headers", "after_content"]).optional(),

  reasoning: z.string().default(""),
  reasoning_field: z.enum(["reasoning_content", "reasoning"]).default("reasoning_content"),
  text: z.string().default(""),
  tool_calls: z.array(ToolCall).default([]),
  finish_reason: z.string().nullable().optional(),
  /** Sent as it stands; null sends none; left out, it is counted from the text. */
  usage: z.record(z.string(), z.unknown()).nullable().optional(),

  /** Characters a delta, and the pause between two events in milliseconds. */
  piece: z.number().int().min(1).default(8),
  pace_ms: z.number().min(0).default(0),
  /** Splits the bytes into writes of this size: 1 tears every line and every character. */
  write_bytes: z.number().int().min(1).optional(),

  /** Ends the connection abruptly after so many events or bytes of the stream. */
  cut_after_events: z.number().int().min(0).optional(),
  cut_after_bytes: z.number().int().min(0).optional(),
  /** Ends the response properly, but without finish reason and `[DONE]`. */
  unfinished: z.boolean().default(false),
  /** Raw data lines, sent after the content as they stand: broken JSON, an error event. */
  raw: z.array(z.string()).default([]),
});
export type Step = z.output<typeof Step>;
export type StepInput = z.input<typeof Step>;

export const Script = z.object({ steps: z.array(Step).max(1_000) });

/** The part of a chat completion request that the server reads. */
export const CompletionRequest = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).nullish(),
  messages: z.array(
    z.looseObject({ role: z.string(), content: z.unknown(), tool_call_id: z.string().optional() }),
  ),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).default([]),
});
export type CompletionRequest = z.output<typeof CompletionRequest>;

/** What the server got, and whether the caller hung up before the answer was whole. */
export interface SeenRequest {
  readonly body: CompletionRequest;
  /** When it was there, whole, in milliseconds since the Unix epoch. */
  readonly at: number;
  aborted: boolean;
  readonly traceparent: string | null;
}
