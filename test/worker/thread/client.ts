/** A client's end of a thread's socket: keeps every frame, and waits for the ones a test is about. */

import { vi } from "vitest";
import { type ErrorEvent, type LoggedEvent, ServerFrame } from "../../../src/protocol/events.ts";
import { isLogged } from "../../../src/protocol/frames.ts";
import type { Problem } from "../../../src/protocol/problem.ts";
import { project } from "../../../src/protocol/projection.ts";
import { EMPTY_THREAD, type ThreadView } from "../../../src/protocol/thread-view.ts";

/** Nothing a test waits for takes longer; past it the test fails and says what came instead. */
const PATIENCE_MS = 15_000;

type Frame<Type extends ServerFrame["type"]> = Extract<ServerFrame, { type: Type }>;

export class Client {
  readonly frames: ServerFrame[] = [];
  readonly #closed = Promise.withResolvers<number>();
  readonly #socket: WebSocket;
  readonly #watchers = new Set<() => void>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.frames.push(ServerFrame.parse(JSON.parse(String(data))));
      for (const look of this.#watchers) look();
    });
    socket.addEventListener("close", ({ code }) => this.#closed.resolve(code));
    socket.accept();
  }

  /** The close code, once the socket is closed; for that it is waited from now on. */
  get closed(): Promise<number> {
    return within(this.#closed.promise, () => "the socket stayed open");
  }

  /** The logged events, as they came. */
  get events(): LoggedEvent[] {
    return this.frames.filter(isLogged);
  }

  /** What a person sees after these frames. */
  get view(): ThreadView {
    return this.frames.reduce(project, EMPTY_THREAD);
  }

  send(command: object): void {
    this.#socket.send(JSON.stringify(command));
  }

  sendRaw(frame: string | ArrayBuffer): void {
    this.#socket.send(frame);
  }

  close(): void {
    this.#socket.close(1000);
  }

  /** @returns the first frame of a type that fits, among all that came and will come. */
  async frame<Type extends ServerFrame["type"]>(
    type: Type,
    fits: (frame: Frame<Type>) => boolean = () => true,
    from = 0,
  ): Promise<Frame<Type>> {
    const isIt = (frame: ServerFrame): frame is Frame<Type> => frame.type === type;
    const find = () => this.frames.slice(from).filter(isIt).find(fits);
    const found = Promise.withResolvers<Frame<Type>>();
    const look = () => {
      const frame = find();
      if (frame) found.resolve(frame);
    };
    this.#watchers.add(look);
    look();
    try {
      const seen = () => `no ${type} among ${this.frames.map((frame) => frame.type).join(", ")}`;
      return await within(found.promise, seen);
    } finally {
      this.#watchers.delete(look);
    }
  }

  /** Has the object answer, so that all that was sent before is known to have come. */
  async answers(): Promise<void> {
    const from = this.frames.length;
    this.sendRaw('{ "type": "ping" }');
    await this.frame("pong", undefined, from);
  }

  /** Sends a command, or a raw frame. @returns what the error that answers it says. */
  async refused(command: object | string | ArrayBuffer): Promise<ErrorEvent["data"]> {
    const from = this.frames.length;
    if (typeof command === "string" || command instanceof ArrayBuffer) this.sendRaw(command);
    else this.send(command);
    return (await this.frame("error", undefined, from)).data;
  }

  /** Says something. @returns how it was accepted. */
  async say(content: string, more: object = {}): Promise<Frame<"message_accepted">["data"]> {
    const from = this.frames.length;
    this.send({ type: "user_message", content, ...more });
    const fits = ({ data }: Frame<"message_accepted">) => data.content === content;
    return (await this.frame("message_accepted", fits, from)).data;
  }

  /** @returns the last event of a run. */
  completed(runId: string): Promise<Frame<"agent_completed">> {
    return this.frame("agent_completed", ({ context }) => context.run_id === runId);
  }
}

/** Asserts again and again until it holds. @throws {Error} what failed last, past the patience of tests. */
export function eventually(assertion: () => Promise<void>): Promise<void> {
  return vi.waitFor(assertion, { timeout: PATIENCE_MS, interval: 10 });
}

/** @returns the fields a problem finds at fault, each once. */
export function fieldsOf({ errors = [] }: Problem): string[] {
  return [...new Set(errors.map(({ field }) => field))];
}

/** @throws {Error} past the patience of tests, with what is said to have happened instead. */
async function within<Value>(promise: Promise<Value>, instead: () => string): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(instead())), PATIENCE_MS);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
