/**
 * While D1 answers none of the objects: tools give their last good answer, labelled; the usage records are
 * left alone after some failures, the history is not; and whoever asks is told of both, until all is well.
 */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { type CircuitBreaker, CircuitBreakers } from "../../../src/protocol/api.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import { ask } from "../http/ask.ts";
import { asking, series } from "../http/sent-usage.ts";
import { ABSENT_DATABASE } from "./absent-database.ts";
import { eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel, objectEnv } from "./held-model.ts";

/** Past the longest that a breaker stays open, in milliseconds. */
const LATER_MS = 20_000;

const Told = z.object({ summary: z.string(), assumptions: z.array(z.string()) });

let model: HeldModel;
let thread: Conversation;
beforeAll(async () => {
  model = await holdModel();
});
beforeEach(async () => {
  thread = await beginThread();
  const records = series(3);
  await asking(thread.owner, z.unknown(), "/api/usage/records", { body: { records } });
});
afterEach(async () => {
  vi.restoreAllMocks();
  model = await holdModel();
});

/** Cuts the objects' way to D1, and the one of what is asked here. */
async function cutDatabase(): Promise<void> {
  const { DB } = await objectEnv();
  vi.spyOn(DB, "prepare").mockImplementation(() => DB_AWAY.prepare());
  vi.spyOn(DB, "batch").mockImplementation(() => DB_AWAY.batch());
}
const DB_AWAY = z
  .object({
    prepare: z.custom<() => D1PreparedStatement>(),
    batch: z.custom<() => Promise<never>>(),
  })
  .parse(ABSENT_DATABASE.DB);

async function restoreDatabase(): Promise<void> {
  const { DB } = await objectEnv();
  vi.mocked(DB.prepare).mockRestore();
  vi.mocked(DB.batch).mockRestore();
}

/** Has one run call the tool. @returns what came of it. */
async function spending(question: string) {
  const client = await thread.connect();
  const { run_id } = await client.say(question);
  const turn = await model.turn(question);
  turn.call("cost_breakdown", { dimensions: ["model"] });
  turn.end();
  const ofRun = ({ context }: { context: { run_id: string | null } }) => context.run_id === run_id;
  const { data: tool } = await client.frame("tool_completed", ofRun);
  (await model.turn(question, 2)).end("Done.");
  const { data: end } = await client.completed(run_id);
  const fallbacks = client.events.flatMap((event) =>
    event.type === "agent_fallback" && ofRun(event) ? [event.data] : [],
  );
  client.close();
  return { tool, end, fallbacks };
}

/** @returns how a part stands, as whoever asks is told while their request does not reach D1 either. */
async function standing(part: string): Promise<CircuitBreaker | undefined> {
  const { access_token: token } = thread.owner;
  const answer = await ask("/api/circuit-breakers", { token, bindings: ABSENT_DATABASE });
  return CircuitBreakers.parse(await answer.json()).data.find((breaker) => breaker.part === part);
}

describe("a D1 that is away", () => {
  it("has tools answer from memory and say so, is told of, and is used again when it is back", async () => {
    const { tool: normal } = await spending("all is well");
    expect(normal.status).toBe("succeeded");

    await cutDatabase();
    for (const question of ["first", "second", "third"]) {
      const { tool, end, fallbacks } = await spending(question);
      const { summary, assumptions } = Told.parse(tool.results);
      expect(summary).toMatch(/^\*\*As of /);
      expect(summary).toContain(Told.parse(normal.results).summary);
      expect(assumptions[0]).toContain("cannot be reached just now");
      expect(fallbacks).toMatchObject([
        { part: "tool", action: expect.stringContaining("The last good answer is given") },
      ]);
      expect(end).toMatchObject({ status: "completed", persisted: false });
    }

    await eventually(async () => {
      for (const part of ["analytics", "history"]) {
        const open = await standing(part);
        expect(open).toMatchObject({ state: "open", since: expect.any(String) });
        expect(open?.failures).toBeGreaterThanOrEqual(3);
      }
    });
    const left = await spending("left alone");
    expect(left.fallbacks[0]?.reason).toContain("left alone");

    await restoreDatabase();
    const { clock } = portsOf(await objectEnv());
    vi.spyOn(clock, "now").mockImplementation(() => Date.now() + LATER_MS);
    const { tool, fallbacks } = await spending("it is back");
    expect(fallbacks).toEqual([]);
    expect(tool.results).toEqual(normal.results);
    await thread.settled();
    await eventually(async () => {
      for (const part of ["analytics", "history"]) {
        expect(await standing(part)).toMatchObject({ state: "closed", failures: 0 });
      }
    });
  });
});
