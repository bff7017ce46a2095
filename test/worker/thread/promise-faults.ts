/** What may break around a thread: D1 in every way it can, a transaction of the object, the code it runs. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import type { Conversation } from "./conversation.ts";
import { objectEnv } from "./held-model.ts";

/**
 * How D1 takes what is written: well; not at all; without an answer until it is well again; or
 * entirely, and the answer is lost.
 */
export type HistoryState = "well" | "failing" | "silent" | "unheard";

/** The objects' patience with what is silent is cut to this, in milliseconds: a story may be long. */
const SHORT_PATIENCE_MS = 50;
const LOOK_MS = 5;

export class Faults {
  /** The clock is this far ahead, in milliseconds. */
  ahead = 0;
  #history: HistoryState = "well";
  #stumble: { mockRestore(): void } | null = null;
  #updates = 0;

  /** Takes the objects' clock and D1 in hand, for the rest of the test file. */
  static async begin(): Promise<Faults> {
    const faults = new Faults();
    const sleep = systemClock.sleep.bind(systemClock);
    vi.spyOn(systemClock, "now").mockImplementation(() => Date.now() + faults.ahead);
    vi.spyOn(systemClock, "sleep").mockImplementation((ms, signal) =>
      sleep(faults.#history === "silent" ? Math.min(ms, SHORT_PATIENCE_MS) : ms, signal),
    );
    const { DB } = await objectEnv();
    const batch = DB.batch.bind(DB);
    vi.spyOn(DB, "batch").mockImplementation(async (statements) => {
      while (faults.#history === "silent") await systemClock.sleep(LOOK_MS);
      const results = await batch(statements);
      if (faults.#history === "unheard") throw new Error("The answer was lost.");
      return results;
    });
    return faults;
  }

  get history(): HistoryState {
    return this.#history;
  }

  /** What is read from D1 stays right, whatever becomes of what is written. */
  async setHistory(state: HistoryState): Promise<void> {
    this.#history = state;
    await env.DB.exec(
      state === "failing"
        ? "CREATE TRIGGER IF NOT EXISTS outage BEFORE INSERT ON messages BEGIN SELECT missing FROM messages; END"
        : "DROP TRIGGER IF EXISTS outage",
    );
  }

  /** Has D1 refuse every message that says "poison", as a constraint would. */
  async refusePoison(refused: boolean): Promise<void> {
    await env.DB.exec(
      refused
        ? "CREATE TRIGGER IF NOT EXISTS refusal BEFORE INSERT ON messages WHEN NEW.content LIKE '%poison%' BEGIN SELECT RAISE(ABORT, 'refused'); END"
        : "DROP TRIGGER IF EXISTS refusal",
    );
  }

  /** Has the next transaction of the thread's object fail, in this life of it. */
  async stumble(thread: Conversation): Promise<void> {
    await runInDurableObject(thread.object, (_, { storage }) => {
      this.#stumble = vi.spyOn(storage, "transactionSync").mockImplementationOnce(() => {
        throw new Error("The disk is full.");
      });
    });
  }

  /** Has every object run newer code, from its next life on. */
  async update(): Promise<void> {
    this.#updates += 1;
    Object.assign(portsOf(await objectEnv()), { codeVersion: `version ${this.#updates}` });
  }

  /** Ends everything but the refusal of poison. */
  async end(): Promise<void> {
    this.#stumble?.mockRestore();
    await this.setHistory("well");
  }
}
