/** The scripted model, in a process of its own, and the text that it gives to all contenders alike. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { launch } from "../../test/e2e/product.ts";
import { within } from "../../test/e2e/within.ts";
import type { StepInput } from "../../test/model-server/step.ts";
import type { Model, Name } from "./contender.ts";

const READY_DEADLINE_MS = 20_000;
/** Characters a delta: about what a token has in English. */
export const PIECE = 4;
const Seen = z.array(z.object({ at: z.number() }));
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

export interface ScriptedModel extends AsyncDisposable {
  /** @returns where a contender asks it. */
  of(name: Name): Model;
  /** Sets what it answers to the next requests of a contender. */
  script(name: Name, step: StepInput, times?: number): Promise<void>;
  /** @returns when a contender asked it, since it was last forgotten, in milliseconds since the Unix epoch. */
  askedAt(name: Name): Promise<readonly number[]>;
  /** Forgets what a contender asked. */
  forget(name: Name): Promise<void>;
}

/** Starts it on a free port of the loopback. It ends with this process at the latest. */
export async function startModel(): Promise<ScriptedModel> {
  const attempt = launch("node", ["test/model-server/main.ts"], {});
  const url = await within(READY_DEADLINE_MS, address(), attempt.output);

  async function address(): Promise<string> {
    for (;;) {
      const [, found] = /Model server at (\S+)\/v1/.exec(attempt.output()) ?? [];
      if (found !== undefined) return found;
      await sleep(20);
    }
  }

  async function ask(name: Name, path: string, init: RequestInit): Promise<Response> {
    const headers = { authorization: `Bearer ${name}`, "content-type": "application/json" };
    const response = await fetch(`${url}${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`The model server answered ${response.status} to ${path}.`);
    return response;
  }

  return {
    of: (name) => ({ url, key: name }),
    async script(name, step, times = 1) {
      const body = JSON.stringify({ steps: Array(times).fill(step) });
      await ask(name, "/script", { method: "POST", body });
    },
    async askedAt(name) {
      const seen = Seen.parse(await (await ask(name, "/requests", {})).json());
      return seen.map(({ at }) => at);
    },
    async forget(name) {
      await ask(name, "/requests", { method: "DELETE" });
    },
    [Symbol.asyncDispose]: () => attempt.kill(),
  };
}

/**
 * @returns a text of so many deltas, no two alike, so that each one that is lost or doubled is seen: words
 *   of three letters, because a product may check the figures in an answer.
 */
export function answerOf(deltas: number): string {
  const letter = (number: number) => LETTERS[number % LETTERS.length] ?? "";
  return Array.from({ length: deltas }, (_, index) =>
    [letter(Math.floor(index / 676)), letter(Math.floor(index / 26)), letter(index), " "].join(""),
  ).join("");
}

/** @returns the deltas of a text, or of what came of it. */
export function deltasOf(text: string): string[] {
  return text.match(/\w+ ?/g)?.map((word) => word.trim()) ?? [];
}
