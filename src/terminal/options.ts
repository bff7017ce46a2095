/** What the command line asks for. */
import { parseArgs } from "node:util";
import { ThreadId } from "../protocol/ids.ts";
import {
  isWebAddress,
  mistake,
  mistakeOf,
  type Parsed,
  type ServerOptions,
  serverArguments,
} from "./command-line.ts";

export interface Options extends ServerOptions {
  readonly thread: ThreadId | null;
  readonly json: boolean;
  /** How long one question may take. */
  readonly timeoutMs: number;
  /** null for a conversation; `-` for a question on the standard input. */
  readonly question: string | null;
}

export const USAGE = `Usage: npm run chat -- [options] ["question" | -]

Without a question a conversation opens; with one its answer is printed; - reads it from stdin.

  --url <url>        the server (APEX_URL, or http://127.0.0.1:8787)
  --email <email>    who you are (developer@example.com)
  --login            sign in with a password: APEX_PASSWORD, or typed when asked
  --thread <id>      continue a thread
  --json             print every frame of the answer as a line of JSON
  --timeout <s>      how long one question may take (120)
  --help             show this
`;

/** @param environment where `APEX_URL` may stand. */
export function parseOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Parsed<Options> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...serverArguments(environment),
        thread: { type: "string" },
        json: { type: "boolean", default: false },
        timeout: { type: "string", default: "120" },
      },
    });
    if (values.help) return { kind: "help" };
    const seconds = Number(values.timeout);
    const thread = values.thread === undefined ? null : ThreadId.safeParse(values.thread);
    const question = positionals.length > 0 ? positionals.join(" ") : null;
    if (!isWebAddress(values.url)) return mistake(`Not a web address: ${values.url}`);
    if (!(seconds > 0 && seconds <= 86_400)) {
      return mistake(`--timeout takes seconds, from above 0 to 86400: ${values.timeout}`);
    }
    if (thread?.success === false) return mistake(`Not a thread's id: ${values.thread}`);
    if (values.json && question === null) return mistake("--json needs a question.");
    const { url, email, login, json } = values;
    const timeoutMs = seconds * 1000;
    return {
      kind: "options",
      options: { url, email, login, json, timeoutMs, question, thread: thread?.data ?? null },
    };
  } catch (error) {
    return mistakeOf(error);
  }
}
