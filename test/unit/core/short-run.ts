/** A run of two turns and one tool, in a world of its own: what most of the loop's tests begin with. */
import { expectWhole, RunWorld } from "./run-world.ts";
import { call, finish, scriptedModel, type TurnScript, text, usage } from "./scripted-model.ts";
import { toolOf } from "./scripted-tools.ts";

/** A turn that asks for the tool there is. */
export const asks: TurnScript = [
  text("Let me see."),
  call("call_1", "usage_summary"),
  usage,
  finish("tool_calls"),
];

/** A turn that answers. */
export const answers: TurnScript = [text("It was "), text("$12.50."), usage, finish()];

/** @returns a world whose model plays the turns and whose tools are as given. */
export function worldOf(turns: readonly TurnScript[], tools = [toolOf()]) {
  const { model, requests } = scriptedModel(...turns);
  return { world: new RunWorld({ model, tools }), requests };
}

/** Lives a whole run, and checks what holds for all of them. */
export async function ended(world: RunWorld, signal?: AbortSignal): Promise<void> {
  await world.live(signal ? { signal } : {});
  expectWhole(world);
}
