/** A team whose parts fail: each failure is told, what depends on it is skipped, and the rest still answers. */
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { readBrief } from "../../../src/core/team/brief.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { expectWhole, RunWorld } from "./run-world.ts";
import { call, finish, type TurnScript, text, usage } from "./scripted-model.ts";
import {
  AGENTS,
  ANSWER,
  delegates,
  part,
  type Scripts,
  scriptedAgents,
  submits,
  teamOf,
  teamRun,
  uses,
  writes,
} from "./scripted-team.ts";

afterEach(() => {
  vi.useRealTimers();
});

const unavailable = new ApexError("model_unavailable", "The model does not answer just now.");

async function ended(scripts: Scripts) {
  const run = teamRun(scripts);
  await run.world.live();
  expectWhole(run.world, AGENTS);
  return run;
}

/** @returns how each part ended, as whoever writes the answer was told. */
function statuses({ requests }: Awaited<ReturnType<typeof ended>>) {
  const writer = requests.find(({ agent }) => agent === "writer");
  const brief = writer && readBrief(writer.request.messages);
  return Object.fromEntries(brief?.findings.map((each) => [each.part, each.status]) ?? []);
}

describe("a part that fails", () => {
  test("is told with its reason; what depends on it is skipped, and the rest answers", async () => {
    const run = await ended({ left: [[text("Let"), unavailable]] });
    const { world } = run;
    expect(world.end).toMatchObject({ status: "completed", final_response: ANSWER });
    expect(statuses(run)).toEqual({
      scout: "completed",
      left: "failed",
      right: "completed",
      late: "skipped",
    });
    const [fallback] = world.only("agent_fallback");
    expect(fallback?.data).toMatchObject({
      part: "agent",
      code: "part_failed",
      subject: "left",
      problem: { code: "model_unavailable" },
      reason: expect.stringContaining(unavailable.message),
    });
    const thoughts = world.only("agent_thinking").map(({ data }) => data.reasoning);
    expect(thoughts).toContainEqual(
      expect.stringContaining("The late agent is skipped: left was not able to give a result"),
    );
    expect(run.requests.some(({ agent }) => agent === "late")).toBe(false);
  });

  test("still has what its broken turn used counted", async () => {
    const whole = await ended({});
    const broken = await ended({ late: [[text("Half a"), usage, unavailable]] });
    expect(broken.world.end.usage.model_calls).toBe(whole.world.end.usage.model_calls);
  });

  test("in a way nobody foresaw tells nothing of it, and logs it", async () => {
    const bug = new TypeError("token sk-123 is undefined");
    const { world } = await ended({ left: [[bug]] });
    expect(world.end.status).toBe("completed");
    expect(JSON.stringify(world.events)).not.toContain("sk-123");
    expect(world.log.records).toEqual([{ event: "part.failed", error: bug }]);
  });

  test("as the entry leaves the route to what is safe without it", async () => {
    const run = await ended({ scout: [[unavailable]] });
    expect(run.world.end.status).toBe("completed");
    expect(statuses(run)).toMatchObject({ scout: "failed", late: "completed" });
  });

  test("as the one that writes the answer fails the run, with all figures kept", async () => {
    const { world } = await ended({ writer: [[text("Save"), unavailable]] });
    expect(world.end).toMatchObject({
      status: "failed",
      final_response: "Save",
      problem: { code: "model_unavailable" },
    });
    expect(world.end.results.findings).toHaveLength(5);
  });

  test("by asking for tools again and again is stopped after eight turns", async () => {
    const run = await ended({ left: Array.from({ length: 20 }, () => uses("usage_summary")) });
    expect(run.requests.filter(({ agent }) => agent === "left")).toHaveLength(8);
    expect(statuses(run)).toMatchObject({ left: "failed", right: "completed" });
  });

  test("by taking longer than its time is ended, with its open call closed", async () => {
    vi.useFakeTimers();
    const run = teamRun({ left: [uses("usage_summary"), ["hang"]] });
    const living = run.world.live();
    await vi.advanceTimersByTimeAsync(3 * 60_000);
    await living;
    expectWhole(run.world, AGENTS);
    expect(statuses(run)).toMatchObject({ left: "failed", right: "completed", late: "skipped" });
    expect(run.world.only("agent_fallback")[0]?.data.reason).toContain("within 3 minutes");
  });
});

describe("an output that does not fit", () => {
  const wrong = { says: 7 };

  test("is mended once: the model is told what is wrong", async () => {
    const run = await ended({ left: [submits("left", wrong), submits("left")] });
    expect(statuses(run)).toMatchObject({ left: "completed", late: "completed" });
    const [, second] = run.requests.filter(({ agent }) => agent === "left");
    expect(second?.request.messages.at(-1)).toMatchObject({
      role: "tool",
      content: expect.stringContaining("says"),
    });
  });

  test.each([
    ["has wrong fields", submits("left", wrong)],
    ["is no JSON", submits("left", "{")],
    [
      "rests on a figure that no tool computed",
      submits("left", { says: "so", facts: ["roi.all"] }),
    ],
    ["is a text", [text("I think it is half."), usage, finish()] satisfies TurnScript],
  ])("and %s the second time fails the part: nothing is guessed", async (_, turn) => {
    const run = await ended({ left: [submits("left", wrong), turn, submits("left")] });
    expect(statuses(run)).toMatchObject({ left: "failed", late: "skipped", right: "completed" });
    expect(run.requests.filter(({ agent }) => agent === "left")).toHaveLength(2);
    expect(run.world.end.final_response).toBe(ANSWER);
  });

  test("because it is a text in place of it is asked for once", async () => {
    const run = await ended({ left: [[text("It is half."), finish()], submits("left")] });
    expect(statuses(run)).toMatchObject({ left: "completed" });
    const [, second] = run.requests.filter(({ agent }) => agent === "left");
    expect(second?.request.messages.at(-1)?.content).toContain("submit_left");
  });

  test("is no event: a submission is no tool call", async () => {
    const { world } = await ended({ left: [submits("left", wrong), submits("left")] });
    expect(JSON.stringify(world.events)).not.toContain("submit_left");
  });

  test("is refused where it is longer than others can read", async () => {
    const long = { says: "so", facts: Array.from({ length: 2_000 }, () => "usage_summary.cost") };
    const run = await ended({
      left: [uses("usage_summary"), submits("left", long), submits("left")],
    });
    expect(statuses(run)).toMatchObject({ left: "completed" });
    expect(JSON.stringify(run.requests)).toContain("characters long as JSON");
  });
});

/** A graph of parts, each depending on some before it; of each, how it goes. */
const graphs = fc
  .array(
    fc.record({
      before: fc.array(fc.nat(5), { maxLength: 3 }),
      fails: fc.boolean(),
      tools: fc.nat(2),
      leftOut: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) =>
    parts.map(({ before, ...each }, index) => ({
      ...each,
      name: `part${index}`,
      before: [...new Set(before)].filter((other) => other < index).map((other) => `part${other}`),
    })),
  );

test("in any graph each part begins after those it depends on, once, or is skipped because of them", async () => {
  await fc.assert(
    fc.asyncProperty(graphs, async (shape) => {
      const team = teamOf(shape.map(({ name, before }) => part(name, before)));
      const unwanted = shape.filter(({ leftOut }) => leftOut).map(({ name }) => name);
      const scripts = Object.fromEntries(
        shape.map(({ name, fails, tools }) => {
          const looks = Array.from({ length: tools }, () => uses("usage_summary"));
          return [name, [...looks, fails ? [unavailable] : submits(name)]];
        }),
      );
      const { model } = scriptedAgents({
        supervisor: [delegates({ leave_out: unwanted })],
        scout: [submits("scout")],
        writer: [writes],
        ...scripts,
      });
      const world = new RunWorld({ model, team });
      await world.live();
      const names = shape.map(({ name }) => name);
      expectWhole(world, ["supervisor", "scout", "writer", ...names]);
      expect(world.end.status).toBe("completed");

      const handed = (to: string) => world.only("handoff").filter(({ data }) => data.to === to);
      const ends = new Map(
        world.steps.flatMap((step) => (step.kind === "part" ? [[step.part, step.status]] : [])),
      );
      for (const { name, before, fails } of shape) {
        const gone = unwanted.includes(name) || before.some((other) => !ends.has(other));
        if (gone) {
          expect(ends.has(name)).toBe(false);
          continue;
        }
        const blocked = before.some((other) => ends.get(other) !== "completed");
        expect(ends.get(name)).toBe(blocked ? "skipped" : fails ? "failed" : "completed");
        const [begun, ...again] = handed(name);
        expect(again).toEqual([]);
        expect(begun === undefined).toBe(blocked);
        for (const other of before) {
          const back = world.only("handoff").find(({ data }) => data.from === other);
          if (begun && back) expect(back.seq).toBeLessThan(begun.seq);
        }
      }
    }),
    { numRuns: 40 },
  );
}, 30_000);

test("a part whose model gives nothing at all fails alone", async () => {
  const run = await ended({ left: [[call("call_0", "usage_summary"), finish()], []] });
  expect(statuses(run)).toMatchObject({ left: "failed", right: "completed" });
});
