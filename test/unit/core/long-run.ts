/** A long run and every death it can die: after each output, which was committed or was lost. */
import type { LoopOutput } from "../../../src/core/run-work.ts";
import { type Life, RunWorld } from "./run-world.ts";
import { call, finish, restart, scriptedModel, text, usage } from "./scripted-model.ts";
import { RESULT, toolOf } from "./scripted-tools.ts";

export const TURNS = 3;
export const ANSWER = "Let me see. 😀\n\nOne more look.\n\nIt was $12.50.";

/** A run of three turns with four calls, one of them with an effect; the third turn begins anew. */
export function longRun() {
  const { model, requests } = scriptedModel(
    [
      text("Let me "),
      text("see. 😀"),
      call("call_1", "usage_summary"),
      call("call_2", "set_budget"),
      call("call_3", "cost_breakdown"),
      usage,
      finish("tool_calls"),
    ],
    [text("One more look."), call("call_4", "model_comparison"), usage, finish("tool_calls")],
    [text("It is"), restart, text("It was "), text("$12"), text(".50."), usage, finish()],
  );
  /** The tools that ran, in order. */
  const executed: string[] = [];
  const recording = (name: string, readOnly: boolean) =>
    toolOf({
      name,
      readOnly,
      execute: async () => {
        executed.push(name);
        return RESULT;
      },
    });
  const tools = [
    recording("usage_summary", true),
    recording("set_budget", false),
    recording("cost_breakdown", true),
    recording("model_comparison", true),
  ];
  return { world: new RunWorld({ model, tools }), executed, requests };
}

export type LongRun = ReturnType<typeof longRun>;
export type Death = NonNullable<Life["dies"]>;

/** What a death leaves of the text of a turn under way: it is stored now and then. */
export const DRAFTS = {
  nothing: () => "",
  half: (draft: string) => draft.slice(0, draft.length / 2),
  all: (draft: string) => draft,
};

/** The outputs of the run when nothing happens to it. */
export async function outputsOf({ world }: LongRun): Promise<LoopOutput[]> {
  const outputs: LoopOutput[] = [];
  await world.live({ onOutput: (output) => void outputs.push(output) });
  return outputs;
}

/** Every death within so many outputs; with the last one committed there is nothing left to die. */
export function deathsWithin(outputs: number): Death[] {
  return Array.from({ length: 2 * outputs - 1 }, (_, index) => ({
    after: Math.floor(index / 2) + 1,
    losing: index % 2 === 0,
  }));
}

/** Checks each case there is, and names the one that fails. */
export async function forEach<Case>(
  cases: readonly Case[],
  check: (each: Case) => Promise<void>,
): Promise<void> {
  for (const each of cases) {
    try {
      await check(each);
    } catch (error) {
      throw new Error(`It does not hold for ${JSON.stringify(each)}`, { cause: error });
    }
  }
}
