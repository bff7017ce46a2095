/** Wires a conversation to the terminal's keyboard and screen. */
import { createInterface } from "node:readline/promises";
import type { ApexClient } from "../client/index.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { Chat } from "./chat.ts";
import { openScreen } from "./screen.ts";
import type { World } from "./world.ts";

/**
 * Sends what the user types until they leave. Lines from a pipe are sent one after the other, each once the
 * answer to the last is complete or has timed out.
 */
export async function converse(
  client: ApexClient,
  threadId: ThreadId | null,
  timeoutMs: number,
  { stdin, stdout, interrupt }: World,
): Promise<void> {
  const interactive = Boolean(stdin.isTTY && stdout.isTTY);
  const reader = createInterface({
    input: stdin,
    ...(interactive && { output: stdout }),
    terminal: interactive,
    prompt: "› ",
  });
  const screen = openScreen(stdout, interactive ? reader : null);
  if (interactive) screen.line("Type a message; /help lists the commands.");
  const chat = new Chat(client, screen, threadId);
  reader.on("SIGINT", () => {
    if (!chat.stop()) reader.close();
  });
  interrupt.addEventListener("abort", () => reader.close());
  screen.ask();
  for await (const line of reader) {
    if (!(await chat.enter(line))) break;
    if (!interactive) {
      await chat.idle(AbortSignal.any([interrupt, AbortSignal.timeout(timeoutMs)]));
    }
  }
  reader.close();
  chat.close();
}
