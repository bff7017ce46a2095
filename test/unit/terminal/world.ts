/** A terminal, and a server behind it that answers every question with the same run. */
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { vi } from "vitest";
import type { ServerFrame } from "../../../src/protocol/events.ts";
import { runTerminal } from "../../../src/terminal/terminal.ts";
import type { World } from "../../../src/terminal/world.ts";
import { accepted, completed, delta, event, ready, started } from "../client/frames.ts";
import { ScriptedServer, type ScriptedSocket } from "../client/scripted-server.ts";

/** @returns a server that says the frames after `message_accepted`; none may be left. */
export function answeringServer(...frames: readonly ServerFrame[]): ScriptedServer {
  const server = new ScriptedServer();
  server.onSocket = (socket) => {
    socket.onCommand = (command) => {
      if (command.type !== "user_message") return;
      sayAll(socket, accepted(1, command.client_message_id ?? null, command.content), ...frames);
    };
    socket.accept(ready());
  };
  return server;
}

export function sayAll(socket: ScriptedSocket, ...frames: readonly ServerFrame[]): void {
  for (const frame of frames) socket.say(frame);
}

export const THINKING = event(3, "agent_thinking", {
  reasoning: "The tail is long, so the slowest model is measured before anything else.",
  source: "loop",
});

/** A run that completes; its first event is the accepted message. */
export const ANSWER: readonly ServerFrame[] = [
  started(2),
  THINKING,
  delta(0, "All is "),
  delta(7, "well."),
  completed(4, "All is well."),
];

/** What a completed run looks like in the end. */
export const SUMMARY = "✓ completed · 1,234 tokens (1,200 in, 34 out) · $0.0123 · 3.5 s";

interface Stream extends PassThrough {
  isTTY?: boolean;
}

export class TestTerminal {
  readonly stdin: Stream = new PassThrough();
  readonly stdout: Stream = new PassThrough();
  readonly stderr: Stream = new PassThrough();
  readonly interrupt = new AbortController();
  readonly #environment: Record<string, string>;
  #out = "";
  #err = "";

  /** @param tty whether a person sits there, or pipes. */
  constructor(tty: boolean, environment: Record<string, string> = {}) {
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.isTTY = tty;
    this.#environment = environment;
    this.stdout.on("data", (data) => {
      this.#out += data;
    });
    this.stderr.on("data", (data) => {
      this.#err += data;
    });
  }

  run(server: ScriptedServer, ...args: string[]): Promise<number> {
    const { stdin, stdout, stderr } = this;
    const { fetch, WebSocket } = server;
    const world: World = {
      ...{ stdin, stdout, stderr, args, fetch, WebSocket },
      environment: this.#environment,
      interrupt: this.interrupt.signal,
    };
    return runTerminal(world);
  }

  /** What the standard output shows, without styles and cursor movements. */
  get out(): string {
    return stripVTControlCharacters(this.#out);
  }

  get err(): string {
    return stripVTControlCharacters(this.#err);
  }

  /** Waits until the screen shows a text. */
  async shows(text: string): Promise<void> {
    await vi.waitFor(() => {
      if (!this.out.includes(text)) throw new Error(`Not shown: ${text}\n${this.out}`);
    });
  }

  /** Types a line. */
  type(line: string): void {
    this.stdin.write(`${line}\n`);
  }
}
