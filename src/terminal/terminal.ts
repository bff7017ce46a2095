/** The terminal program from its arguments to its exit code. */
import { text } from "node:stream/consumers";
import { ApexClient } from "../client/index.ts";
import { ApexError } from "../protocol/errors.ts";
import { ask } from "./ask.ts";
import { converse } from "./converse.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { plain } from "./plain-text.ts";
import { jsonPrinter, textPrinter } from "./printers.ts";
import { signIn } from "./sign-in.ts";
import type { World } from "./world.ts";

/** 0: done, or the run completed; 1: something failed, and was said; 2: the arguments are wrong. */
export type ExitCode = 0 | 1 | 2;

export async function runTerminal(world: World): Promise<ExitCode> {
  const parsed = parseOptions(world.args, world.environment);
  switch (parsed.kind) {
    case "help":
      world.stdout.write(USAGE);
      return 0;
    case "mistake":
      world.stderr.write(`${plain(parsed.mistake)}\n\n${USAGE}`);
      return 2;
    case "options":
      try {
        return await talk(parsed.options, world);
      } catch (error) {
        world.stderr.write(`${plain(ApexError.from(error).message)}\n`);
        return 1;
      }
  }
}

async function talk(options: Options, world: World): Promise<ExitCode> {
  const client = new ApexClient({
    baseUrl: options.url,
    ...(world.fetch && { fetch: world.fetch }),
    ...(world.WebSocket && { WebSocket: world.WebSocket }),
  });
  await signIn(client, options, world);
  if (options.question === null) {
    await converse(client, options.thread, options.timeoutMs, world);
    return 0;
  }
  const question = options.question === "-" ? await text(world.stdin) : options.question;
  const printer = options.json ? jsonPrinter(world) : textPrinter(world);
  return ask(client, question.trim(), options, printer, world.interrupt);
}
