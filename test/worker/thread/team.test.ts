/** The team at work in a real Thread object, with the demo model and real tools: what a client sees of it. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { LoggedEvent } from "../../../src/protocol/events.ts";
import { d1UsageStore } from "../../../src/usage/d1-store.ts";
import { loadSampleRecords } from "../../../src/usage/load-sample.ts";
import { beginThread, type Conversation } from "./conversation.ts";

const QUESTION = "Cut our AI costs by 30 % without hurting latency";
/** A whole analysis replays every record several times. */
const PATIENCE = 120_000;

type OfType<Type extends LoggedEvent["type"]> = Extract<LoggedEvent, { type: Type }>;

function only<Type extends LoggedEvent["type"]>(events: readonly LoggedEvent[], type: Type) {
  return events.filter((event): event is OfType<Type> => event.type === type);
}

const handoffs = (events: readonly LoggedEvent[]) =>
  only(events, "handoff").map(({ data }) => `${data.from} → ${data.to}`);

/** Asks, and lives through the run. @param meanwhile done once a part works. */
async function answered(thread: Conversation, meanwhile?: () => Promise<unknown>) {
  const client = await thread.connect();
  const { run_id } = await client.say(QUESTION);
  if (meanwhile) {
    await client.frame("handoff", ({ data }) => data.to === "data");
    await meanwhile();
  }
  await vi.waitFor(
    async () => {
      await thread.alarm();
      expect((await thread.run(run_id)).status).toBe("completed");
    },
    { timeout: PATIENCE, interval: 200 },
  );
  const listener = await thread.connect("?after=0");
  await listener.completed(run_id);
  return listener.events;
}

/** @returns the handoffs of a run in which these parts work one after the other. */
const inTurn = (...parts: readonly string[]) =>
  parts.flatMap((part) => [`supervisor → ${part}`, `${part} → supervisor`]);

function expectPaired(events: readonly LoggedEvent[]) {
  const opened = only(events, "tool_executing");
  const closed = only(events, "tool_completed");
  const idOf = ({ data, context }: (typeof opened)[number] | (typeof closed)[number]) =>
    `${context.agent} ${data.call_id}`;
  expect(new Set(opened.map(idOf)).size).toBe(opened.length);
  expect(closed.map(idOf).toSorted()).toEqual(opened.map(idOf).toSorted());
}

describe("the main question", { timeout: PATIENCE }, () => {
  it("is answered without a record by saying which ones it takes", async () => {
    const events = await answered(await beginThread());
    expect(handoffs(events)).toEqual(inTurn("triage", "data-helper", "reporting"));
    const [end] = only(events, "agent_completed");
    expect(end?.data).toMatchObject({ status: "completed" });
    expect(end?.data.final_response).toContain("POST /api/usage/records");
    expectPaired(events);
  });

  describe("with the sample company", () => {
    beforeAll(async () => {
      const sample = { endsAt: Date.now(), scale: 0.03 };
      await loadSampleRecords(d1UsageStore(env.DB), sample);
    }, PATIENCE);

    const whole = inTurn("triage", "data", "optimization", "actions", "reporting");

    it("runs the whole graph, each part by its own tools, and ends with the answer", async () => {
      const events = await answered(await beginThread());
      expect(handoffs(events)).toEqual(whole);
      expectPaired(events);
      const tools = only(events, "tool_executing").map(({ context, data }) => [
        context.agent,
        data.tool_name,
        data.arguments,
      ]);
      expect(tools).toContainEqual(["triage", "usage_summary", {}]);
      expect(tools).toContainEqual([
        "optimization",
        "portfolio_roi",
        { target_pct: 30, no_latency_cost: true },
      ]);
      expect(tools.map(([agent]) => agent)).toContain("actions");
      const thoughts = only(events, "agent_thinking").map(({ data }) => data.reasoning);
      expect(thoughts).toContainEqual(
        expect.stringContaining("a target of 30 % and no loss of latency"),
      );
      const [end] = only(events, "agent_completed");
      expect(end?.context.agent).toBe("supervisor");
      expect(end?.data.final_response).toMatch(/### What can be saved[\s\S]*### The plan/);
      expect(end?.data.final_response).not.toContain("{{fact");
    });

    it("is carried on where its object dies, and no part is handed its work twice", async () => {
      const thread = await beginThread();
      const events = await answered(thread, () => thread.die());
      expect(handoffs(events)).toEqual(whole);
      expectPaired(events);
      expect(only(events, "agent_started")).toHaveLength(1);
      expect(only(events, "agent_completed")).toHaveLength(1);
    });
  });
});
