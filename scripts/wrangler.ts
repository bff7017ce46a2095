/** Wrangler, run to its end: for the programs that ask the platform something, or have it do something. */
import type * as z from "zod";
import { type Ended, Failure, run } from "./processes.ts";

/**
 * Runs wrangler.
 * @returns how it ended, even if it failed.
 * @param shown whether its output is printed as it comes.
 */
export function wrangler(
  args: readonly string[],
  options: { shown?: boolean } = {},
): Promise<Ended> {
  return run("wrangler", args, options);
}

/**
 * @returns the JSON that wrangler printed.
 * @throws {Failure} with the output if it fails.
 */
export async function askWrangler<Schema extends z.ZodType>(
  schema: Schema,
  args: readonly string[],
): Promise<z.output<Schema>> {
  const { code, output, answer } = await wrangler(args);
  if (code !== 0) throw new Failure(`wrangler ${args.join(" ")} failed:\n${output.trim()}`);
  return schema.parse(JSON.parse(answer));
}
