/** Signing in from a terminal: the development login, or a password that is never shown. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { ApexClient } from "../client/index.ts";
import { LoginBody } from "../protocol/api.ts";
import { ApexError } from "../protocol/errors.ts";
import { parseInput } from "../protocol/parse-input.ts";
import type { Options } from "./options.ts";
import type { World } from "./world.ts";

/** @throws {ApexError} what the server says; `unauthenticated` where a password is missing. */
export async function signIn(
  client: ApexClient,
  options: Pick<Options, "email" | "login">,
  world: World,
): Promise<void> {
  const { email, login } = options;
  if (login) {
    const password = world.environment.APEX_PASSWORD || (await askPassword(world));
    await client.login(parseInput(LoginBody, { email, password }, "the sign-in"));
    return;
  }
  try {
    await client.devLogin({ email });
  } catch (error) {
    if (!(error instanceof ApexError) || error.code !== "not_found") throw error;
    throw new ApexError(
      "not_found",
      "This server has no development login. Use --login with --email, " +
        "and give the password in APEX_PASSWORD or when asked.",
      { cause: error },
    );
  }
}

async function askPassword({ stdin, stderr }: World): Promise<string> {
  if (!stdin.isTTY) {
    throw new ApexError("unauthenticated", "--login needs the password in APEX_PASSWORD.");
  }
  stderr.write("Password: ");
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: stdin, output: nowhere, terminal: true });
  const interrupted = new AbortController();
  reader.once("SIGINT", () => interrupted.abort());
  try {
    return await reader.question("", { signal: interrupted.signal });
  } catch (cause) {
    throw new ApexError("unauthenticated", "No password was given.", { cause });
  } finally {
    reader.close();
    stderr.write("\n");
  }
}
