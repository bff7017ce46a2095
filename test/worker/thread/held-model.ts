/** The model of the Thread objects in a test's hand: each turn writes what the test says, when it says. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { z } from "zod";
import type { ModelChunk, ModelRequest } from "../../../src/core/model.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { CallId } from "../../../src/protocol/ids.ts";
import { portsOf } from "../../../src/thread/ports.ts";

/** How often a turn looks for what the test wrote, in milliseconds. */
const LOOK_MS = 2;

/** The platform's own timer: a turn that is left held must not wake by the fake time of another test. */
const { setTimeout: startTimer } = globalThis;

/** One turn, as the thread asked the model for it. */
export class HeldTurn {
  readonly request: ModelRequest;
  /** Whether it is over, by itself or because it was stopped. */
  ended = false;
  readonly #chunks: (ModelChunk | ApexError)[] = [];

  constructor(request: ModelRequest) {
    this.request = request;
  }

  write(text: string): void {
    this.#chunks.push({ type: "text", text });
  }

  call(name: string, args: object): void {
    this.#chunks.push({
      type: "tool_call",
      call: { id: CallId.parse("call-1"), name, arguments: JSON.stringify(args) },
    });
  }

  /** Ends the turn; with a text, writes that first. */
  end(text = ""): void {
    if (text !== "") this.write(text);
    this.#chunks.push({ type: "finish", reason: "stop" });
  }

  /** Breaks the stream, which begins anew: what was written so far is void. */
  restart(): void {
    this.#chunks.push({ type: "restart", reason: "The stream broke." });
  }

  /** Ends the turn without an answer. */
  fail(error: ApexError): void {
    this.#chunks.push(error);
  }

  /** Looks for chunks, where a promise would wake it: that must not cross from one object to another. */
  async *stream(): AsyncGenerator<ModelChunk> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk instanceof ApexError) throw chunk;
        if (chunk === undefined) await this.#pause();
        else yield chunk;
        if (chunk?.type === "finish") return;
      }
    } finally {
      this.ended = true;
    }
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      startTimer(resolve, LOOK_MS);
    });
    this.request.signal.throwIfAborted();
  }
}

export class HeldModel {
  readonly #turns: HeldTurn[] = [];

  stream(request: ModelRequest): AsyncIterable<ModelChunk> {
    const turn = new HeldTurn(request);
    this.#turns.push(turn);
    return turn.stream();
  }

  /** @returns the turns in which the model was asked a question. */
  turns(question: string): HeldTurn[] {
    return this.#turns.filter(({ request }) => {
      const last = request.messages.findLast(({ role }) => role === "user");
      return last?.role === "user" && last.content === question;
    });
  }

  /** @returns the turn in which the model is asked a question for the n-th time, once it is. */
  turn(question: string, nth = 1): Promise<HeldTurn> {
    return vi.waitFor(
      () => {
        const turn = this.turns(question)[nth - 1];
        if (turn === undefined) expect.fail(`turn ${nth} of "${question}" was not asked for`);
        return turn;
      },
      { timeout: 15_000, interval: 10 },
    );
  }
}

const Given = z.object({ env: z.custom<Cloudflare.Env>() });

/** @returns the bindings of the Thread objects: their own, not those of the tests. */
export function objectEnv(): Promise<Cloudflare.Env> {
  const any = env.THREADS.getByName("nobody/nothing");
  return runInDurableObject(any, (instance) => Given.parse(instance).env);
}

/** Takes the model of all Thread objects in hand, for the rest of the test file. */
export async function holdModel(): Promise<HeldModel> {
  const held = new HeldModel();
  const { model } = portsOf(await objectEnv());
  vi.spyOn(model, "stream").mockImplementation((request) => held.stream(request));
  return held;
}
