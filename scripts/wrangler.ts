/** Wrangler, run to its end: for the programs that ask the platform something, or have it do something. */
import type * as z from "zod";
import { type Ended, Failure, run } from "./processes.ts";

/** @returns how it ended, whatever that is. @param shown whether what it prints is shown as it comes. */
export function wrangler(
  args: readonly string[],
  options: { shown?: boolean } = {},
): Promise<Ended> {
  return run("wrangler", args, options);
}

/** @returns what it answered as JSON. @throws {Failure} with its output where it fails. */
export async function askWrangler<Schema extends z.ZodType>(
  schema: Schema,
  args: readonly string[],
): Promise<z.output<Schema>> {
  const { code, output, answer } = await wrangler(args);
  if (code !== 0) throw new Failure(`wrangler ${args.join(" ")} failed:\n${output.trim()}`);
  return schema.parse(JSON.parse(answer));
}
