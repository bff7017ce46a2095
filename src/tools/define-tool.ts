/** How a tool is made: schemas in, the loop's port out. */
import * as z from "zod";
import type { Tool, ToolContext, ToolFinding } from "../core/tool.ts";
import { Json } from "../protocol/json.ts";
import { parseInput } from "../protocol/parse-input.ts";
import type { ToolScope } from "../protocol/scopes.ts";

interface ToolDefinition<Input extends z.ZodType, Output extends z.ZodType> {
  readonly name: string;
  readonly permission: ToolScope;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly readOnly: boolean;
  readonly timeoutMs: number;
  /** How long a person has to approve a call; left out where nobody has to. */
  readonly approval?: { readonly expiresMs: number };
  /** @returns a sentence: what this call does and why. */
  operation(args: z.output<Input>): string;
  /** @param context whom it works for: whose records it may read. */
  run(
    args: z.output<Input>,
    context: ToolContext,
  ): Promise<{ output: z.output<Output>; findings: readonly ToolFinding[] }>;
}

/**
 * @returns the tool as the loop sees it. Arguments are parsed before anything runs; the output is
 *   parsed too, so that no NaN, infinity or missing field ever leaves as a result.
 */
export function defineTool<Input extends z.ZodType, Output extends z.ZodType>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { name, permission, description, readOnly, timeoutMs, approval = null } = definition;
  const parse = (args: Json) => parseInput(definition.input, args, `the arguments of ${name}`);
  return {
    name,
    permission,
    description,
    readOnly,
    timeoutMs,
    approval,
    parameters: schemaForModels(definition.input),
    describeCall: (args) => definition.operation(parse(args)),
    async execute(args, context) {
      const { output, findings } = await definition.run(parse(args), context);
      const text = JSON.stringify(definition.output.parse(output), (_, value) => rounded(value));
      return {
        output: Json.parse(JSON.parse(text)),
        findings: findings.map((finding) => ({
          ...finding,
          value: rounded(finding.value),
          interval: finding.interval && {
            low: rounded(finding.interval.low),
            high: rounded(finding.interval.high),
          },
        })),
      };
    },
  };
}

/** The JSON Schema of what goes in, without the long patterns that only spell a format out. */
function schemaForModels(input: z.ZodType) {
  return z.toJSONSchema(input, {
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
}

/** Cuts the noise of binary fractions: six decimals, a ten-thousandth of a cent. */
function rounded<Value>(value: Value): Value | number {
  return typeof value === "number" ? Math.round(value * 1e6) / 1e6 : value;
}
