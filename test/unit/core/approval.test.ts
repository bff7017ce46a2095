/** Calls that a person has to approve: nothing of theirs is executed before, and each is closed once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { approvalOf } from "../../../src/core/approval.ts";
import { RunCancelled } from "../../../src/core/run-work.ts";
import type { Tool } from "../../../src/core/tool.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { CallId } from "../../../src/protocol/ids.ts";
import { expectWhole, RunWorld } from "./run-world.ts";
import { call, finish, scriptedModel, text, usage } from "./scripted-model.ts";
import { RESULT, toolOf } from "./scripted-tools.ts";
import { answers, asks, ended, worldOf } from "./short-run.ts";

const HOUR = 60 * 60_000;
const CALL = CallId.parse("call_1");

/** A tool with effects that asks first, and how often it was executed. */
function askingTool(fields: Partial<Tool> = {}) {
  const executed: string[] = [];
  const tool = toolOf({
    readOnly: false,
    approval: { expiresMs: HOUR },
    execute: async (_, { callId }) => {
      executed.push(callId);
      return RESULT;
    },
    ...fields,
  });
  return { tool, executed };
}

/** Stores a decision, as the Thread object does. */
function decide(world: RunWorld, state: "approved" | "rejected", id = CALL): void {
  const asked = approvalOf(world.steps, id);
  if (asked?.state !== "requested") throw new Error("nobody was asked");
  world.note({ ...asked, state });
}

const thoughtless = ({ story }: RunWorld) => story.filter((line) => line !== "agent_thinking");

describe("a call that needs an approval", () => {
  test("is asked about, and the run waits without an end", async () => {
    const { tool, executed } = askingTool();
    const { world } = worldOf([asks, answers], [tool]);
    await world.live();

    expect(thoughtless(world)).toEqual(["agent_started", "approval_requested"]);
    expect(world.waitsUntil).toBe(world.clock.now() + HOUR);
    expect(world.only("approval_requested")[0]?.data).toEqual({
      call_id: CALL,
      tool_name: "usage_summary",
      operation: "Sums the usage of the window, to answer with figures.",
      arguments: {},
      expires_at: new Date(world.clock.now() + HOUR).toISOString(),
    });
    expect(executed).toEqual([]);
  });

  test("is executed once it is approved, and the answer follows", async () => {
    const { tool, executed } = askingTool();
    const { world } = worldOf([asks, answers], [tool]);
    await world.live();
    decide(world, "approved");
    await ended(world);

    expect(thoughtless(world)).toEqual([
      "agent_started",
      "approval_requested",
      "tool_executing usage_summary",
      "tool_completed usage_summary succeeded",
      "agent_completed completed",
    ]);
    expect(executed).toEqual([CALL]);
  });

  test("that was rejected is closed as cancelled, and the model is told why", async () => {
    const { tool, executed } = askingTool();
    const { world, requests } = worldOf([asks, answers], [tool]);
    await world.live();
    decide(world, "rejected");
    await ended(world);

    expect(world.only("tool_completed")[0]?.data).toMatchObject({
      status: "cancelled",
      problem: { code: "approval_rejected" },
    });
    expect(world.only("tool_executing")).toEqual([]);
    expect(requests[1]?.messages.at(-1)).toMatchObject({
      role: "tool",
      content: expect.stringContaining("approval_rejected"),
    });
    expect(executed).toEqual([]);
  });

  test("that nobody decided about in time expires, by the clock", async () => {
    const { tool, executed } = askingTool();
    const { world } = worldOf([asks, answers], [tool]);
    await world.live();
    await world.clock.advance(HOUR);
    await ended(world);

    expect(world.only("approval_decided")[0]?.data).toEqual({
      call_id: CALL,
      decision: "expired",
      by: "clock",
    });
    expect(world.only("tool_completed")[0]?.data).toMatchObject({
      status: "failed",
      problem: { code: "approval_expired" },
    });
    expect(executed).toEqual([]);
  });

  test("waits on where the run is taken up too early, and is asked about once", async () => {
    const { tool } = askingTool();
    const { world } = worldOf([asks, answers], [tool]);
    await world.live();
    await world.clock.advance(HOUR / 2);
    await world.live();

    expect(world.only("approval_requested")).toHaveLength(1);
    expect(world.waitsUntil).toBe(world.clock.now() + HOUR / 2);
  });

  test("is closed as cancelled where the run is stopped while it waits", async () => {
    const { tool, executed } = askingTool();
    const { world } = worldOf([asks, answers], [tool]);
    await world.live();
    await ended(world, AbortSignal.abort(new RunCancelled()));

    expect(world.story.filter((line) => line.startsWith("tool"))).toEqual([
      "tool_completed usage_summary cancelled",
    ]);
    expect(world.end.status).toBe("cancelled");
    expect(executed).toEqual([]);
  });

  test("is not executed where the run is stopped after the approval", async () => {
    const { tool, executed } = askingTool();
    const { world } = worldOf([asks, answers], [tool]);
    await world.live();
    decide(world, "approved");
    await ended(world, AbortSignal.abort(new RunCancelled()));

    expect(world.only("tool_completed")[0]?.data.status).toBe("cancelled");
    expect(executed).toEqual([]);
  });

  test("whose arguments make no sense fails at once: nobody is asked about it", async () => {
    const refuse = () => {
      throw new ApexError("invalid_fields", "In the arguments: url must be an address");
    };
    const { tool, executed } = askingTool({ describeCall: refuse });
    const { world } = worldOf([asks, answers], [tool]);
    await ended(world);

    expect(world.only("approval_requested")).toEqual([]);
    expect(world.only("tool_completed")[0]?.data).toMatchObject({
      status: "failed",
      problem: { code: "invalid_fields" },
    });
    expect(executed).toEqual([]);
  });

  test("is not executed again by a life that finds it begun: its outcome is unknown", async () => {
    const { tool, executed } = askingTool();
    const { world } = worldOf([asks, answers], [tool]);
    await world.live();
    decide(world, "approved");
    await world.live({ dies: { after: 1, losing: false } });
    expect(world.only("tool_executing")).toHaveLength(1);
    await ended(world);

    expect(world.only("tool_completed")[0]?.data.status).toBe("unknown");
    expect(executed).toEqual([]);
  });
});

test("of two calls each is asked about in its turn, and a stop closes both", async () => {
  const { tool, executed } = askingTool();
  const both = [call("call_1", tool.name), call("call_2", tool.name), usage, finish("tool_calls")];
  const { world } = worldOf([both, answers], [tool]);
  await world.live();
  decide(world, "approved");
  await world.live();
  expect(world.only("approval_requested").map(({ data }) => data.call_id)).toEqual([
    "call_1",
    "call_2",
  ]);
  await ended(world, AbortSignal.abort(new RunCancelled()));
  expect(world.only("tool_completed").map(({ data }) => data.status)).toEqual([
    "succeeded",
    "cancelled",
  ]);
  expect(executed).toEqual(["call_1"]);
});

describe("a tool that is approved once a run", () => {
  const once = { expiresMs: HOUR, once: true };
  const both = [
    call("call_1", "usage_summary"),
    call("call_2", "usage_summary"),
    usage,
    finish("tool_calls"),
  ];

  test("is not asked about again: the calls after it are told as any other", async () => {
    const { tool, executed } = askingTool({ approval: once });
    const { world } = worldOf([both, answers], [tool]);
    await world.live();
    decide(world, "approved");
    await ended(world);

    expect(world.only("approval_requested")).toHaveLength(1);
    expect(world.only("tool_executing").map(({ data }) => data.call_id)).toEqual([
      "call_1",
      "call_2",
    ]);
    expect(executed).toEqual(["call_1", "call_2"]);
  });

  test("is asked about again where the first call was rejected", async () => {
    const { tool, executed } = askingTool({ approval: once });
    const { world } = worldOf([both, answers], [tool]);
    await world.live();
    decide(world, "rejected");
    await world.live();

    expect(world.only("approval_requested")).toHaveLength(2);
    expect(executed).toEqual([]);
  });

  test("is not executed again by a life that finds a later call begun", async () => {
    const { tool, executed } = askingTool({ approval: once });
    const { world } = worldOf([both, answers], [tool]);
    await world.live();
    decide(world, "approved");
    await world.live({ dies: { after: 2, losing: false } });
    expect(world.only("tool_executing")).toHaveLength(2);
    await ended(world);

    expect(executed).toEqual(["call_1"]);
    expect(world.only("tool_completed").map(({ data }) => data.status)).toEqual([
      "succeeded",
      "unknown",
    ]);
  });
});

type Act = "approve" | "reject" | "wait" | "expire" | "die" | "lose";

test("whatever is decided, and whenever the process dies: no call is executed unapproved, or twice", async () => {
  const act = fc.constantFrom<Act>("approve", "reject", "wait", "expire", "die", "lose");
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 12 }), fc.nat(6), async (acts, after) => {
      const { tool, executed } = askingTool();
      const turns = [
        [text("One."), call("call_1", tool.name), call("call_2", tool.name), finish("tool_calls")],
        [text("Done."), usage, finish()],
      ];
      const { model } = scriptedModel(...turns, ...Array.from({ length: 30 }, () => answers));
      const world = new RunWorld({ model, tools: [tool] });
      const approved = new Set<string>();
      const over = () => world.only("agent_completed").length > 0;
      for (const next of acts) {
        if (over()) break;
        const waiting = world.only("approval_requested").find(({ data }) => {
          return approvalOf(world.steps, data.call_id)?.state === "requested";
        });
        const id = waiting?.data.call_id;
        if (next === "die" || next === "lose") {
          await world.live({ dies: { after: after + 1, losing: next === "lose" } });
        } else if (next === "expire") {
          await world.clock.advance(HOUR);
        } else if (id !== undefined && next === "approve") {
          decide(world, "approved", id);
          approved.add(id);
        } else if (id !== undefined && next === "reject") {
          decide(world, "rejected", id);
        } else {
          await world.live();
        }
      }
      for (let lives = 0; !over() && lives < 10; lives += 1) {
        await world.live();
        await world.clock.advance(HOUR);
      }
      expectWhole(world);
      expect(new Set(executed).size).toBe(executed.length);
      for (const id of executed) expect(approved).toContain(id);
      const decided = world.steps.filter((step) => step.kind === "approval");
      expect(decided.filter(({ state }) => state === "requested")).toHaveLength(2);
    }),
    { numRuns: 200 },
  );
});
