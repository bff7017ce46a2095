/** What the tests of the models share: a request, a log that remembers, and ways to read a stream. */
import type { Log } from "../../../src/core/log.ts";
import type { Model, ModelChunk, ModelRequest } from "../../../src/core/model.ts";
import { ApexError } from "../../../src/protocol/errors.ts";

export function requestOf(fields: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: "How many tokens did we use?" }],
    tools: [],
    signal: new AbortController().signal,
    ...fields,
  };
}

/** A log that keeps its lines as they would be written. */
export function memoryLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    info: (event, fields) => lines.push(JSON.stringify({ event, ...fields })),
    warn: (event, fields) => lines.push(JSON.stringify({ event, ...fields })),
    error: (event, error, fields) =>
      lines.push(JSON.stringify({ event, error: String(error), ...fields })),
  };
}

export interface Ending {
  readonly chunks: readonly ModelChunk[];
  /** What the stream threw, or undefined where it ended well. */
  readonly error: unknown;
}

/** Reads a turn to its end, whichever that is. */
export async function read(model: Model, request: ModelRequest): Promise<Ending> {
  const chunks: ModelChunk[] = [];
  try {
    for await (const chunk of model.stream(request)) chunks.push(chunk);
    return { chunks, error: undefined };
  } catch (error) {
    return { chunks, error };
  }
}

/** @returns the ApexError a turn ended with. */
export async function failureOf(model: Model, request: ModelRequest): Promise<ApexError> {
  const { error } = await read(model, request);
  if (error instanceof ApexError) return error;
  throw new Error("The turn did not end with an ApexError", { cause: error });
}

/** @returns the text, or the reasoning, that the chunks add up to. */
export function join(chunks: readonly ModelChunk[], type: "text" | "reasoning"): string {
  return chunks.map((chunk) => (chunk.type === type ? chunk.text : "")).join("");
}

/** @returns the chunks of one type. */
export function only<Type extends ModelChunk["type"]>(chunks: readonly ModelChunk[], type: Type) {
  return chunks.filter(
    (chunk): chunk is Extract<ModelChunk, { type: Type }> => chunk.type === type,
  );
}
