/** A process that has to let go of a run says nothing more: another one may speak for it already. */
import { describe, expect, test } from "vitest";
import { RunCancelled } from "../../../src/core/run-work.ts";
import { ANSWER, forEach, longRun, outputsOf, TURNS } from "./long-run.ts";
import { expectWhole, type Life, RunWorld } from "./run-world.ts";
import { call, finish, scriptedModel, text } from "./scripted-model.ts";
import { toolOf, untilAborted } from "./scripted-tools.ts";

const MOVED = new Error("The thread was deleted.");

/** Lives until the run is let go of. @returns what the loop threw, and what it said after the abort. */
async function letGo(world: RunWorld, controller: AbortController, life: Life = {}) {
  let saidAfter = 0;
  const ending = world.live({
    ...life,
    signal: controller.signal,
    onOutput: (output, count) => {
      if (controller.signal.aborted) saidAfter += 1;
      return life.onOutput?.(output, count);
    },
  });
  const thrown = await ending.then(
    () => "nothing",
    (error: unknown) => error,
  );
  return { thrown, saidAfter };
}

describe("a run that is let go of", () => {
  test("before it began says nothing at all", async () => {
    const { world, requests } = longRun();
    const controller = new AbortController();
    controller.abort(MOVED);
    expect(await letGo(world, controller)).toEqual({ thrown: MOVED, saidAfter: 0 });
    expect(requests).toEqual([]);
  });

  test("after any output says nothing more, throws the reason, and lets another process end it", async () => {
    const outputs = await outputsOf(longRun());
    const places = outputs.slice(0, -1).map((_, index) => index + 1);
    await forEach(places, async (place) => {
      const { world } = longRun();
      const controller = new AbortController();
      const onOutput = (_: unknown, count: number) => {
        if (count === place) controller.abort(MOVED);
      };
      expect(await letGo(world, controller, { onOutput })).toEqual({ thrown: MOVED, saidAfter: 0 });
      expect(world.log.records).toEqual([]);
      await world.live();
      expectWhole(world);
      expect(world.end.final_response).toBe(ANSWER);
    });
  });

  test("when it has just come back from a death says nothing either", async () => {
    const { world } = longRun();
    await world.live({ dies: { after: 3, losing: false } });
    const controller = new AbortController();
    controller.abort(MOVED);
    expect(await letGo(world, controller)).toEqual({ thrown: MOVED, saidAfter: 0 });
  });

  test("while its model speaks says nothing more, be the model deaf to its signal", async () => {
    const controller = new AbortController();
    const abort = () => controller.abort(MOVED);
    const { model } = scriptedModel([text("It "), abort, text("was"), finish()]);
    const world = new RunWorld({ model });
    expect(await letGo(world, controller)).toEqual({ thrown: MOVED, saidAfter: 0 });
    expect(world.text).toBe("It ");
  });

  test("while its model ends a turn says nothing of that turn", async () => {
    const controller = new AbortController();
    const abort = () => controller.abort(MOVED);
    const { model } = scriptedModel([text("It was."), finish(), abort]);
    const world = new RunWorld({ model });
    expect(await letGo(world, controller)).toEqual({ thrown: MOVED, saidAfter: 0 });
    expect(world.steps).toEqual([]);
  });

  test("while a tool works leaves its call open, to be run again elsewhere", async () => {
    const controller = new AbortController();
    const { model } = scriptedModel([call("call_1", "usage_summary"), finish()]);
    const execute: typeof untilAborted = (args, context) => {
      queueMicrotask(() => controller.abort(MOVED));
      return untilAborted(args, context);
    };
    const world = new RunWorld({ model, tools: [toolOf({ execute })] });
    expect(await letGo(world, controller)).toEqual({ thrown: MOVED, saidAfter: 0 });
    expect(world.story.at(-1)).toBe("tool_executing usage_summary");
  });

  test("while the history is saved does not say that it is done", async () => {
    const controller = new AbortController();
    const { model } = scriptedModel([text("It was."), finish()]);
    const saveHistory = async () => {
      controller.abort(MOVED);
      return true;
    };
    const world = new RunWorld({ model, saveHistory });
    expect(await letGo(world, controller)).toEqual({ thrown: MOVED, saidAfter: 0 });
    expect(world.only("agent_completed")).toEqual([]);
    expect(world.steps.at(-1)?.kind).toBe("end");
  });
});

test("a run that is cancelled after any output still has its whole story", async () => {
  const outputs = await outputsOf(longRun());
  const places = outputs.map((_, index) => index + 1);
  await forEach(places, async (place) => {
    const { world } = longRun();
    const controller = new AbortController();
    await world.live({
      signal: controller.signal,
      onOutput: (_, count) => {
        if (count === place) controller.abort(new RunCancelled());
      },
    });
    expectWhole(world);
    expect(world.end.status).toBe(answered(world) ? "completed" : "cancelled");
  });
});

/** @returns whether the turn that answers was committed. */
function answered({ steps }: RunWorld): boolean {
  return steps.filter(({ kind }) => kind === "model").length === TURNS;
}
