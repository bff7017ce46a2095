/** What a tool answers while its records cannot be reached: its last good answer, labelled, and nobody else's. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { systemClock } from "../../../src/core/clock.ts";
import type { ToolContext, ToolResult } from "../../../src/core/tool.ts";
import { executeCall } from "../../../src/core/tool-call.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { WorkspaceId } from "../../../src/protocol/ids.ts";
import type { Json } from "../../../src/protocol/json.ts";
import { type AnswerCache, withLastGood } from "../../../src/tools/last-good.ts";
import { FakeClock } from "../core/fake-clock.ts";
import { memoryLog } from "../core/memory-log.ts";
import { deafExecute, FINDING, toolOf } from "../core/scripted-tools.ts";
import { toolContext } from "./context.ts";

const MONDAY = Date.UTC(2026, 10, 16, 9, 30);
const ANSWER: ToolResult = {
  output: { value: 12.5, assumptions: ["Days are UTC."], summary: "It cost $12.50." },
  findings: [FINDING],
};
const away = new ApexError("unavailable", "The usage records cannot be reached.", {
  retryAfter: 10,
});

function memoryCache(fails = false) {
  const kept = new Map<string, string>();
  const cache: AnswerCache = {
    async get(key) {
      if (fails) throw new Error("KV is away.");
      return kept.get(key) ?? null;
    },
    async put(key, text, { expirationTtl }) {
      if (fails) throw new Error("KV is away.");
      expect(expirationTtl).toBeGreaterThan(60);
      kept.set(key, text);
    },
  };
  return { cache, kept };
}

/** A tool that answers until its records go away. */
function toolThatMayFail(
  options: { cacheFails?: boolean; result?: ToolResult; error?: Error } = {},
) {
  const clock = new FakeClock(MONDAY);
  const log = memoryLog();
  const { cache, kept } = memoryCache(options.cacheFails);
  const records = { areAway: false };
  const plain = toolOf({
    async execute() {
      if (records.areAway) throw options.error ?? away;
      return options.result ?? ANSWER;
    },
  });
  const tool = withLastGood(plain, { cache, clock, log, waitUntil });
  const ask = (args: Json = {}, context: ToolContext = toolContext()) =>
    tool.execute(args, context);
  return { clock, log, kept, records, ask, plain, tool };
}

/** What goes on after an answer was given goes on here too. */
const waitUntil = () => undefined;

const inWorkspace = (id: string): ToolContext => ({
  ...toolContext(),
  workspaceId: WorkspaceId.parse(id),
});

describe("a tool whose records cannot be reached", () => {
  test("fails as before where it never answered", async () => {
    const { ask, records } = toolThatMayFail();
    records.areAway = true;
    await expect(ask()).rejects.toBe(away);
  });

  test("gives its last answer, says of when it is, why, and when it should be well again", async () => {
    const { ask, clock, records } = toolThatMayFail();
    expect(await ask()).toEqual(ANSWER);
    await clock.advance(90 * 60_000);
    records.areAway = true;
    expect(await ask()).toEqual({
      findings: [FINDING],
      output: {
        value: 12.5,
        assumptions: [
          "These figures are as of 2026-11-16 09:30 UTC: the usage records cannot be reached just now.",
          "Days are UTC.",
        ],
        summary:
          "**As of 2026-11-16 09:30 UTC** (the usage records cannot be reached just now): It cost $12.50.",
      },
      degraded: {
        code: "records_unreachable",
        reason: away.message,
        action: "The last good answer is given, as of 2026-11-16 09:30 UTC.",
        until: "2026-11-16T11:00:10.000Z",
        as_of: "2026-11-16T09:30:00.000Z",
      },
    });
  });

  test("keeps to the same question, in whatever order its arguments are given", async () => {
    const { ask, records } = toolThatMayFail();
    await ask({ window: { last_days: 7 }, top: 3 });
    records.areAway = true;
    expect(await ask({ top: 3, window: { last_days: 7 } })).toHaveProperty("degraded");
    await expect(ask({ top: 3, window: { last_days: 8 } })).rejects.toBe(away);
    await expect(ask({ top: 3 })).rejects.toBe(away);
  });

  test("never gives another workspace's answer", async () => {
    const { ask, records } = toolThatMayFail();
    await ask({}, inWorkspace("user-1"));
    records.areAway = true;
    expect(await ask({}, inWorkspace("user-1"))).toHaveProperty("degraded");
    await expect(ask({}, inWorkspace("user-2"))).rejects.toBe(away);
  });

  test("answers of itself again as soon as it can", async () => {
    const { ask, records } = toolThatMayFail();
    await ask();
    records.areAway = true;
    await ask();
    records.areAway = false;
    expect(await ask()).toEqual(ANSWER);
  });

  test("labels the answer of a tool that has neither assumptions nor a summary as well", async () => {
    const result = { output: [1, 2], findings: [] };
    const { ask, records } = toolThatMayFail({ result });
    await ask();
    records.areAway = true;
    expect(await ask()).toMatchObject({ output: [1, 2], degraded: { as_of: expect.any(String) } });
  });
});

describe("a tool whose records answer, but too slowly for it", () => {
  /** A tool that answers once, and then takes longer than its time. */
  function toolThatSlows() {
    const { cache } = memoryCache();
    let calls = 0;
    const signals: AbortSignal[] = [];
    const plain = toolOf({
      timeoutMs: 200,
      execute: (_, { signal }) => {
        signals.push(signal);
        calls += 1;
        return calls === 1 ? Promise.resolve(ANSWER) : deafExecute();
      },
    });
    const tool = withLastGood(plain, {
      cache,
      clock: new FakeClock(MONDAY),
      log: memoryLog(),
      waitUntil,
    });
    const call = (args: string) =>
      executeCall({ id: toolContext().callId, name: tool.name, arguments: args }, [tool], {
        ...toolContext(),
        clock: systemClock,
        log: memoryLog(),
      });
    return { call, signals };
  }

  test("gives its last answer within its time, and stops what it had begun", async () => {
    const { call, signals } = toolThatSlows();
    await call("{}");
    const outcome = await call("{}");
    expect(outcome).toMatchObject({
      status: "succeeded",
      degraded: {
        code: "records_slow",
        reason: "The usage records did not answer in time.",
        action: "The last good answer is given, as of 2026-11-16 09:30 UTC.",
        as_of: "2026-11-16T09:30:00.000Z",
      },
    });
    expect(outcome.content).toContain("the usage records answer too slowly just now");
    expect(signals[1]?.aborted).toBe(true);
  });

  test("is timed out, as before, where it never answered", async () => {
    const { call } = toolThatSlows();
    await call("{}");
    expect(await call('{"top":3}')).toMatchObject({
      status: "timed_out",
      problem: { code: "tool_timeout" },
    });
  });
});

describe("a tool", () => {
  test("that fails for another reason is not answered for", async () => {
    const error = new ApexError("invalid_fields", "There is no such window.");
    const { ask, records } = toolThatMayFail({ error });
    await ask();
    records.areAway = true;
    await expect(ask()).rejects.toBe(error);
  });

  test("that has effects is left as it is", () => {
    const { cache } = memoryCache();
    const tool = toolOf({ readOnly: false });
    const ports = { cache, clock: new FakeClock(), log: memoryLog(), waitUntil };
    expect(withLastGood(tool, ports)).toBe(tool);
  });

  test("answers also where its answer cannot be kept, and fails as before where none can be read", async () => {
    const { ask, log, records } = toolThatMayFail({ cacheFails: true });
    expect(await ask()).toEqual(ANSWER);
    records.areAway = true;
    await expect(ask()).rejects.toBe(away);
    expect(log.records.map(({ event }) => event)).toEqual([
      "last_good.not_kept",
      "last_good.not_read",
    ]);
  });

  test("answers before its answer is kept, which goes on after it", async () => {
    const written = Promise.withResolvers<void>();
    const { cache, kept } = memoryCache();
    const slow: AnswerCache = {
      ...cache,
      put: async (...kept) => {
        await written.promise;
        await cache.put(...kept);
      },
    };
    const after: Promise<unknown>[] = [];
    const tool = withLastGood(toolOf({ execute: () => Promise.resolve(ANSWER) }), {
      cache: slow,
      clock: new FakeClock(MONDAY),
      log: memoryLog(),
      waitUntil: (work) => after.push(work),
    });
    expect(await tool.execute({}, toolContext())).toEqual(ANSWER);
    expect(after).toHaveLength(1);
    expect(kept.size).toBe(0);
    written.resolve();
    await Promise.all(after);
    expect(kept.size).toBe(1);
  });

  test("does not believe what it does not understand in the cache", async () => {
    const { ask, kept, records } = toolThatMayFail();
    await ask();
    for (const key of kept.keys()) kept.set(key, `{"at":"yesterday"}`);
    records.areAway = true;
    await expect(ask()).rejects.toBe(away);
  });

  test("keeps its answers under keys that tell whose they are, and nothing of the question", async () => {
    const { ask, kept } = toolThatMayFail();
    await ask({ filters: { team: "secret team" } }, inWorkspace("user-1"));
    expect(
      z.array(z.string().regex(/^last-good:user-1:[0-9a-f]{64}$/)).parse([...kept.keys()]),
    ).toHaveLength(1);
  });
});
