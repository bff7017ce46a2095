/** Whose records a tool answers from, and which moments a window comes to. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { Json } from "../../../src/protocol/json.ts";
import { usageSummary } from "../../../src/tools/usage-summary.ts";
import type { UsageRecord } from "../../../src/usage/record.ts";
import { absentWorkspaces } from "../usage/absent-store.ts";
import { memoryStore } from "../usage/memory-store.ts";
import { usageRecord } from "../usage/records.ts";
import { toolContext } from "./context.ts";

const now = Date.UTC(2026, 9, 31, 12);
const clock: Clock = { ...systemClock, now: () => now };
const own = toolContext().workspaceId;

const Answer = z.looseObject({
  value: z.number().nullable(),
  n_records: z.number(),
  not_assessable: z.string().nullable(),
  assumptions: z.array(z.string()),
  window: z.object({ from: z.string(), to: z.string() }),
  summary: z.string(),
});

async function ask(records: readonly UsageRecord[], args: Json = {}) {
  const usage = memoryStore(records);
  const tool = usageSummary({ usage, workspaces: absentWorkspaces(), clock });
  const { output, findings } = await tool.execute(args, toolContext());
  return { answer: Answer.parse(output), findings, asked: [...usage.asked] };
}

const mine = usageRecord({ workspace_id: own, record_id: "mine" });
const theirs = usageRecord({ workspace_id: "somebody-else", record_id: "theirs" });
const sample = usageRecord({ workspace_id: "sample", record_id: "sample" });

describe("the workspace", () => {
  it("is never another's, whatever is asked for", async () => {
    for (const workspace of ["somebody-else", "user-2", "", null, ["own"]]) {
      await expect(ask([theirs], { workspace })).rejects.toMatchObject({ code: "invalid_fields" });
    }
    for (const args of [{}, { workspace: "own" }, { workspace: "sample" }]) {
      const { answer, asked } = await ask([theirs], args);
      expect(answer).toMatchObject({ value: null, n_records: 0 });
      expect(asked).not.toContain("somebody-else");
    }
  });

  it("is the caller's own where it holds records, and the sample is not read", async () => {
    const { answer, asked } = await ask([mine, sample, theirs]);
    expect(answer.n_records).toBe(1);
    expect(asked).toEqual([own]);
    expect(answer.assumptions).toContain("The records are those of your own workspace.");
    expect(answer.assumptions.join(" ")).not.toContain("generated");
  });

  it("is the sample where the caller's own is empty, and that is said", async () => {
    const { answer } = await ask([sample]);
    expect(answer.n_records).toBe(1);
    expect(answer.assumptions.slice(0, 2)).toEqual([
      "Your own workspace holds no records yet.",
      "The records are generated: they are a sample company's, not your own.",
    ]);
  });

  it("is the sample where the caller's own holds nothing but what this chat itself used", async () => {
    const chat = { ...mine, record_id: "chat-1", feature: "apex-edge" };
    const { answer } = await ask([sample, chat]);
    expect(answer.assumptions[0]).toBe(
      "Your own workspace holds no records yet but those of this chat's own calls.",
    );
    expect((await ask([sample, chat, mine])).answer.n_records).toBe(2);
  });

  it("is the one that was asked for, though it be empty", async () => {
    expect((await ask([sample], { workspace: "own" })).answer.value).toBeNull();
    const { answer, asked } = await ask([mine, sample], { workspace: "sample" });
    expect(answer.assumptions).not.toContain("Your own workspace holds no records yet.");
    expect(asked).toEqual(["sample"]);
  });
});

describe("a window", () => {
  const chat = (ts: number) =>
    usageRecord({ workspace_id: own, record_id: `chat-${ts}`, feature: "apex-edge", ts });

  it("ends at the latest record that was imported, however much is chatted since", async () => {
    const imported = { ...mine, ts: Date.UTC(2026, 8, 30, 12) };
    const records = [chat(Date.UTC(2026, 5, 1)), imported, chat(now - 1)];
    const { answer } = await ask(records);
    expect(answer.window.to).toBe("2026-09-30T12:00:00.001Z");
    expect(answer.n_records).toBe(1);
    expect(answer.assumptions).toContain("The latest record is 31 days old.");
  });

  it("ends at the chat's latest call where the chat is what is asked about", async () => {
    const imported = { ...mine, ts: Date.UTC(2026, 8, 30, 12) };
    const filters = { feature: "apex-edge" };
    const { answer } = await ask([imported, chat(now - 1)], { filters });
    expect(answer.window.to).toBe("2026-10-31T12:00:00.000Z");
    expect((await ask([chat(now - 1), sample], { filters })).answer.n_records).toBe(1);
    expect((await ask([chat(now - 1)], { workspace: "own" })).answer.n_records).toBe(1);
  });

  const window = async (window: Json) => (await ask([mine], { window })).answer.window;

  it.each([
    [{ from: "2026-10-01", time_zone: "Nowhere/City" }, "window.time_zone"],
    [{ from: "2026-10-01", time_zone: "+02:00" }, "window.time_zone"],
    [{ from: "1970-01-01", time_zone: "Asia/Tokyo" }, "window.from"],
    [{ from: "2026-10-02", to: "2026-10-02", time_zone: "Asia/Tokyo" }, "window.from"],
  ])("%j is refused, and %s named", async (args, named) => {
    await expect(window(args)).rejects.toThrow(named);
  });

  it.each([
    ["Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
    ["Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"],
    ["America/New_York", "2026-03-08", "2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z"],
    ["America/New_York", "2025-11-02", "2025-11-02T04:00:00.000Z", "2025-11-03T05:00:00.000Z"],
  ])("of %s holds all of %s, though its clock changes", async (time_zone, day, from, to) => {
    const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
    expect(await window({ from: day, to: next, time_zone })).toEqual({ from, to });
  });

  it("goes back by local days, though one of them has 25 hours", async () => {
    expect(await window({ to: "2026-10-26", last_days: 2, time_zone: "Europe/Berlin" })).toEqual({
      from: "2026-10-23T22:00:00.000Z",
      to: "2026-10-25T23:00:00.000Z",
    });
  });

  it("counts the calls of the repeated hour once each", async () => {
    const calls = ["00:30", "01:30"].map((time, index) =>
      usageRecord({
        workspace_id: own,
        record_id: `call-${index}`,
        ts: Date.parse(`2026-10-25T${time}:00Z`),
      }),
    );
    // Both are 02:30 on the wall of Berlin.
    const { answer } = await ask(calls, {
      window: { from: "2026-10-25", to: "2026-10-26", time_zone: "Europe/Berlin" },
    });
    expect(answer.n_records).toBe(2);
    expect(answer.assumptions).toContain("Days are those of Europe/Berlin.");
  });

  it("that is empty gives no figure, least of all zero", async () => {
    const { answer, findings } = await ask([mine], {
      window: { from: "2020-01-01", to: "2020-02-01" },
    });
    expect(answer).toMatchObject({ value: null, cost_usd: null, error_rate_pct: null });
    expect(answer.summary).toContain("There are no records in this window");
    expect(findings).toEqual([]);
  });
});
