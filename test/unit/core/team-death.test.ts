/** THE law, for a team: a run that dies anywhere, with parts side by side, is carried on as if nothing had happened. */
import { describe, expect, test } from "vitest";
import { RunCancelled } from "../../../src/core/run-work.ts";
import { deathsWithin, forEach } from "./long-run.ts";
import { expectWhole, type Life } from "./run-world.ts";
import { AGENTS, ANSWER, teamRun } from "./scripted-team.ts";

type Run = ReturnType<typeof teamRun>;

const OUTPUTS = await (async () => teamRun().world.live())();
const DEATHS = deathsWithin(OUTPUTS);
const MOVED = new Error("The thread was deleted.");

/** What a run of the team tells in any case, in whatever order its parts take turns. */
function toldOf({ world }: Run) {
  return {
    handoffs: world
      .only("handoff")
      .map(({ data }) => `${data.from} → ${data.to}`)
      .toSorted(),
    tools: world
      .only("tool_executing")
      .map(({ context, data }) => `${context.agent} ${data.tool_name}`)
      .toSorted(),
  };
}

const UNHURT = await (async () => {
  const run = teamRun();
  await run.world.live();
  return toldOf(run);
})();

describe("after any death of the process", { timeout: 20_000 }, () => {
  test("a team's run ends as it would have, and every part is told once", async () => {
    expect(DEATHS.length).toBeGreaterThan(50);
    await forEach(DEATHS, async (dies) => {
      const run = teamRun();
      const { world } = run;
      await world.live({ dies });
      await world.live();
      expectWhole(world, AGENTS);
      expect(world.end).toMatchObject({ status: "completed", final_response: ANSWER });
      expect(toldOf(run)).toEqual(UNHURT);
      const { findings } = world.end.results;
      expect(new Set(findings.map(({ fact_id }) => fact_id)).size).toBe(findings.length);
    });
  });

  test("no finished step of any part is done again", async () => {
    await forEach(DEATHS, async (dies) => {
      const { world, requests, executed } = teamRun();
      await world.live({ dies });
      const before = [...world.steps];
      const [asked, ran] = [requests.length, executed.length];
      await world.live();
      expect(world.steps.slice(0, before.length)).toEqual(before);
      const turns = (steps: typeof before) => steps.filter(({ kind }) => kind === "model").length;
      expect(requests.length - asked).toBe(turns(world.steps) - turns(before));
      const calls = (steps: typeof before) => steps.filter(({ kind }) => kind === "tool").length;
      expect(executed.length - ran).toBeLessThanOrEqual(calls(world.steps) - calls(before));
    });
  });

  test("a tool with an effect is never run again, be it one of several under way", async () => {
    let unknown = 0;
    await forEach(DEATHS, async (dies) => {
      const { world, executed } = teamRun();
      await world.live({ dies });
      await world.live();
      expect(executed.filter((name) => name === "set_budget").length).toBeLessThanOrEqual(1);
      const [closed] = world
        .only("tool_completed")
        .filter((e) => e.data.tool_name === "set_budget");
      if (closed?.data.status === "unknown") unknown += 1;
    });
    expect(unknown).toBeGreaterThan(0);
  });
});

test("a team's run that dies twice ends as it would have", { timeout: 30_000 }, async () => {
  const losing = DEATHS.filter((death) => death.losing);
  await forEach(losing, async (first) => {
    for (const after of [1, 4]) {
      const run = teamRun();
      await run.world.live({ dies: first });
      await run.world.live({ dies: { after, losing: true } });
      if (run.world.only("agent_completed").length === 0) await run.world.live();
      expectWhole(run.world, AGENTS);
      expect(run.world.end.final_response).toBe(ANSWER);
      expect(toldOf(run)).toEqual(UNHURT);
    }
  });
});

/** Lives until something aborts the run after so many outputs. */
function abortedAfter(place: number, reason: unknown): Life {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onOutput: (_, count) => {
      if (count === place) controller.abort(reason);
    },
  };
}

const PLACES = Array.from({ length: OUTPUTS }, (_, index) => index + 1);

test("a team's run that is cancelled after any output closes what is open in every part", async () => {
  await forEach(PLACES, async (place) => {
    const run = teamRun();
    await run.world.live(abortedAfter(place, new RunCancelled()));
    expectWhole(run.world, AGENTS);
    const wrote = run.world.steps.some((step) => step.kind === "model" && step.part === "writer");
    expect(run.world.end.status).toBe(wrote ? "completed" : "cancelled");
  });
});

test("a team's run that is let go of after any output says nothing more, and is carried on", async () => {
  await forEach(PLACES.slice(0, -1), async (place) => {
    const run = teamRun();
    const told: number[] = [];
    const life = abortedAfter(place, MOVED);
    const onOutput: Life["onOutput"] = (output, count) => {
      told.push(count);
      return life.onOutput?.(output, count);
    };
    await expect(run.world.live({ ...life, onOutput })).rejects.toBe(MOVED);
    expect(told.at(-1)).toBe(place);
    expect(run.world.log.records).toEqual([]);
    await run.world.live();
    expectWhole(run.world, AGENTS);
    expect(run.world.end.final_response).toBe(ANSWER);
    expect(toldOf(run)).toEqual(UNHURT);
  });
});
