/** The tools in a property's world: one that only reads, and one whose every effect is kept. */
import { vi } from "vitest";
import { z } from "zod";
import { systemClock } from "../../../src/core/clock.ts";
import type { Tool } from "../../../src/core/tool.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import { objectEnv } from "./held-model.ts";
import type { Toolbox } from "./model-hand.ts";

/** An effect takes so long to be confirmed, in milliseconds: time to die in between. */
const CONFIRMATION_MS = 8;

const Arguments = z.object({ word: z.string() });
const OUTPUT = { output: { done: true }, findings: [] };

export class Tools {
  readonly names: Toolbox;
  /** What was done, in order: the word of each call that was carried out. */
  readonly effects: string[] = [];

  private constructor(reads: Tool, acts: Tool) {
    this.names = { reads: reads.name, acts: acts.name };
    for (const tool of [reads, acts]) {
      vi.spyOn(tool, "describeCall").mockReturnValue("Does what the model said, as it said so.");
    }
    vi.spyOn(reads, "execute").mockResolvedValue(OUTPUT);
    Object.assign(acts, { readOnly: false });
    vi.spyOn(acts, "execute").mockImplementation(async (args) => {
      this.effects.push(Arguments.parse(args).word);
      await systemClock.sleep(CONFIRMATION_MS);
      return OUTPUT;
    });
  }

  /** Takes two tools of all objects in hand, for the rest of the test file. */
  static async begin(): Promise<Tools> {
    const [reads, acts] = portsOf(await objectEnv()).tools;
    if (reads === undefined || acts === undefined) throw new Error("there are no tools to call");
    return new Tools(reads, acts);
  }
}
