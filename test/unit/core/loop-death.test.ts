/** THE law: a run that dies anywhere is carried on elsewhere as if nothing had happened, or says so. */
import { describe, expect, test } from "vitest";
import { answerText, nextStep } from "../../../src/core/checkpoint.ts";
import type { Model } from "../../../src/core/model.ts";
import { RunCancelled } from "../../../src/core/run-work.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { applyDelta } from "../../../src/protocol/projection.ts";
import {
  ANSWER,
  type Death,
  DRAFTS,
  deathsWithin,
  forEach,
  longRun,
  outputsOf,
  TURNS,
} from "./long-run.ts";
import { expectWhole, type Life, RunWorld } from "./run-world.ts";
import { call, finish, scriptedModel, text } from "./scripted-model.ts";
import { toolOf } from "./scripted-tools.ts";

const DEATHS = deathsWithin((await outputsOf(longRun())).length);

test("without a death the run is whole, and long enough to die in many places", async () => {
  const { world } = longRun();
  await world.live();
  expectWhole(world);
  expect(world.end).toMatchObject({ status: "completed", final_response: ANSWER });
  expect(DEATHS.length).toBeGreaterThan(30);
});

describe.each(Object.entries(DRAFTS))(
  "after any death that left %s of a turn's text",
  (_, keep) => {
    /** Dies so and lives on. @returns the run, with how it stood in between. */
    async function survive(dies: Death, life: Life = {}) {
      const run = longRun();
      const { world, executed, requests } = run;
      await world.live({ dies });
      world.draft = keep(world.draft);
      const before = {
        next: nextStep(world.steps),
        steps: [...world.steps],
        draft: world.draft,
        started: world.startedAt !== null,
        events: world.events.length,
        executed: [...executed],
        requests: requests.length,
      };
      await world.live(life);
      return { ...run, before };
    }

    test("the run ends as it would have, and a client that stayed has the very answer", async () => {
      await forEach(DEATHS, async (dies) => {
        const { world } = await survive(dies);
        expectWhole(world);
        expect(world.end).toMatchObject({ status: "completed", final_response: ANSWER });
        expect(world.end.results.findings.length).toBeGreaterThanOrEqual(3);
      });
    });

    test("a client that comes in between has the very answer too", async () => {
      await forEach(DEATHS, async (dies) => {
        const run = longRun();
        await run.world.live({ dies });
        let text = answerText(run.world.steps);
        await run.world.live({
          onOutput: (output) => {
            if (output.type === "delta") text = applyDelta(text, output);
          },
        });
        expect(text).toBe(ANSWER);
      });
    });

    test("no finished step is done again", async () => {
      await forEach(DEATHS, async (dies) => {
        const { world, before, executed, requests } = await survive(dies);
        expect(world.steps.slice(0, before.steps.length)).toEqual(before.steps);
        const turns = before.steps.filter(({ kind }) => kind === "model").length;
        expect(requests.length - before.requests).toBe(TURNS - turns);
        const finished = before.steps.filter((step) => step.kind === "tool");
        for (const name of executed.slice(before.executed.length)) {
          expect(finished.map((step) => step.name)).not.toContain(name);
        }
      });
    });

    test("a tool that only reads runs again, and is not announced again", async () => {
      const reruns = await pendingDeaths("cost_breakdown");
      await forEach(reruns, async (dies) => {
        const { world, before, executed } = await survive(dies);
        const announced = world.only("tool_executing").filter(isOf("cost_breakdown"));
        expect(announced).toHaveLength(1);
        expect(announced[0]?.seq).toBeLessThanOrEqual(before.events);
        expect(executed.slice(before.executed.length)).toContain("cost_breakdown");
        const [closed] = world.only("tool_completed").filter(isOf("cost_breakdown"));
        expect(closed?.data.status).toBe("succeeded");
      });
    });

    test("a tool with an effect is never run again: its outcome is unknown, and the model hears so", async () => {
      const pending = await pendingDeaths("set_budget");
      await forEach(DEATHS, async (dies) => {
        const { world, executed, requests } = await survive(dies);
        const unknown = pending.includes(dies);
        const [closed] = world.only("tool_completed").filter(isOf("set_budget"));
        expect(closed?.data).toMatchObject(
          unknown
            ? { status: "unknown", problem: { code: "outcome_unknown" } }
            : { status: "succeeded" },
        );
        const ran = executed.filter((name) => name === "set_budget").length;
        if (unknown) expect(ran).toBeLessThanOrEqual(1);
        else expect(ran).toBe(1);
        if (unknown) expect(JSON.stringify(requests.at(-1)?.messages)).toContain("outcome_unknown");
      });
    });

    test("the interruption is told once, unless nothing had begun or all but the last event was said", async () => {
      await forEach(DEATHS, async (dies) => {
        const { world, before } = await survive(dies);
        const rest = world.events.slice(before.events);
        if (before.next.kind === "complete") {
          expect(rest.map(({ type }) => type)).toEqual(["agent_completed"]);
          return;
        }
        const told = rest.filter((e) => e.type === "agent_fallback" && e.data.part === "run");
        expect(told).toEqual(before.started ? [rest[0]] : []);
        expect(told).toMatchObject(told.map(() => ({ data: { code: "run_resumed" } })));
      });
    });

    const tooOften = new ApexError("run_interrupted", "The run was interrupted 3 times.");
    test.each([
      ["cancelled", new RunCancelled()],
      ["failed", tooOften],
    ] as const)(
      "a run that is to end as %s keeps what is stored, and no tool runs",
      async (status, reason) => {
        await forEach(DEATHS, async (dies) => {
          const { world, before, executed, requests } = await survive(dies, {
            signal: AbortSignal.abort(reason),
          });
          expectWhole(world);
          expect(executed).toEqual(before.executed);
          expect(requests).toHaveLength(before.requests);
          const answered = before.next.kind === "complete" || before.next.kind === "answer";
          expect(world.end.status).toBe(answered ? "completed" : status);
          if (answered) expect(world.end.final_response).toBe(ANSWER);
          else expect(world.end.final_response.endsWith(before.draft)).toBe(true);
        });
      },
    );
  },
);

test("a run that dies twice ends as it would have", { timeout: 20_000 }, async () => {
  const losing = DEATHS.filter((death) => death.losing);
  const die = async (...deaths: readonly Death[]) => {
    const run = longRun();
    for (const dies of deaths) {
      await run.world.live({ dies });
      run.world.draft = DRAFTS.half(run.world.draft);
    }
    return { ...run, outputs: await run.world.live() };
  };
  await forEach(losing, async (first) => {
    const { outputs } = await die(first);
    const again = deathsWithin(outputs).filter((death) => death.losing);
    await forEach(again, async (second) => {
      const { world, executed } = await die(first, second);
      expectWhole(world);
      expect(world.end).toMatchObject({ status: "completed", final_response: ANSWER });
      expect(executed.filter((name) => name === "set_budget").length).toBeLessThanOrEqual(1);
    });
  });
});

test("what a cut turn had written is taken back where the new one writes nothing", async () => {
  const { model: cut } = scriptedModel([text("I guess it was little.")]);
  const { model: silent } = scriptedModel([call("call_1", "usage_summary"), finish()], []);
  let model = cut;
  const stream: Model["stream"] = (request) => model.stream(request);
  const world = new RunWorld({ model: { ...cut, stream }, tools: [toolOf()] });
  await world.live({ dies: { after: 2, losing: false } });
  expect(world.draft).toBe("I guess it was little.");
  model = silent;
  await world.live();
  expectWhole(world);
  expect(world.end).toMatchObject({ status: "failed", final_response: "" });
});

test("the time between two lives counts as the run's", async () => {
  const { world } = longRun();
  await world.live({ dies: { after: 3, losing: false } });
  await world.clock.advance(5_000);
  await world.live();
  expect(world.end.duration_ms).toBe(5_000);
});

/** @returns the deaths that leave the call of a tool told and not ended. */
async function pendingDeaths(tool: string): Promise<Death[]> {
  const found: Death[] = [];
  for (const dies of DEATHS) {
    const { world } = longRun();
    await world.live({ dies });
    const next = nextStep(world.steps);
    if (next.kind === "tool" && next.call.name === tool) found.push(dies);
  }
  expect(found.length).toBeGreaterThan(0);
  return found;
}

function isOf(tool: string) {
  return ({ data }: { readonly data: { readonly tool_name: string } }) => data.tool_name === tool;
}
