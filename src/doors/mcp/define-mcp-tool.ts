/** How a tool of the MCP door is made: schemas in, what the protocol lists and calls out. */
import type { CallToolResult, Tool } from "@modelcontextprotocol/server";
import * as z from "zod";
import { Json } from "../../protocol/json.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import type { Scope } from "../../protocol/scopes.ts";
import type { McpCall, McpTool } from "./offer.ts";

/** What a tool does to the world, as clients show it to people before they let it. */
export interface Effects {
  /** Whether it changes nothing. */
  readonly reads: boolean;
  /** Whether the same call again changes nothing more. */
  readonly repeats: boolean;
}

/** A tool that only reads. */
export const READS: Effects = { reads: true, repeats: true };

interface McpToolDefinition<Who, Input extends z.ZodType, Output extends z.ZodType> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly scope: Scope;
  readonly effects: Effects;
  readonly input: Input;
  readonly output: Output;
  run(args: z.output<Input>, call: McpCall<Who>): Promise<z.input<Output>>;
  /** What a client without structured content shows; the output as JSON where it is left out. */
  tell?(output: z.output<Output>): string;
}

/** @returns the tool. Arguments are parsed before anything runs, and the output is what it was said to be. */
export function defineMcpTool<Who, Input extends z.ZodType, Output extends z.ZodType>(
  definition: McpToolDefinition<Who, Input, Output>,
): McpTool<Who> {
  const { name, title, description, scope, effects, input, output } = definition;
  return {
    scope,
    listing: listingOf({
      name,
      title,
      description,
      effects,
      inputSchema: z.toJSONSchema(input, { io: "input" }),
      outputSchema: z.toJSONSchema(output),
    }),
    async call(args, call) {
      const given = parseInput(input, args, `the arguments of ${name}`);
      const result = output.parse(await definition.run(given, call));
      return resultOf(result, definition.tell?.(result));
    },
  };
}

const ObjectSchema = z.looseObject({ type: z.literal("object") });

/** @returns a tool as the protocol lists it. No tool of ours reaches beyond the product: the world is closed. */
export function listingOf({
  effects,
  inputSchema,
  outputSchema,
  ...named
}: Pick<Tool, "name" | "title" | "description"> & {
  readonly effects: Effects;
  readonly inputSchema: unknown;
  readonly outputSchema: unknown;
}): Tool {
  return {
    ...named,
    inputSchema: ObjectSchema.parse(inputSchema),
    outputSchema: ObjectSchema.parse(outputSchema),
    annotations: {
      readOnlyHint: effects.reads,
      idempotentHint: effects.repeats,
      destructiveHint: false,
      openWorldHint: false,
    },
  };
}

const Structured = z.record(z.string(), Json);

/** @returns a result in both forms: for programs, and for those that only read text. */
export function resultOf(output: unknown, text = JSON.stringify(output)): CallToolResult {
  return {
    content: [{ type: "text", text }],
    structuredContent: Structured.parse(JSON.parse(JSON.stringify(output))),
  };
}
