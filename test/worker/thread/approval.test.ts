/** A call that a person has to approve: the run waits in no memory, and whoever decides first decides. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { ApprovalReceipt } from "../../../src/protocol/approvals.ts";
import { CallId } from "../../../src/protocol/ids.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import { makeKey } from "../http/api-key.ts";
import { ask, problemOf } from "../http/ask.ts";
import { somebody } from "../http/somebody.ts";
import { type Client, eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel, objectEnv } from "./held-model.ts";

const DAY = 24 * 60 * 60_000;
const CALL = CallId.parse("call-1");
const OUTPUT = { output: { sent: true }, findings: [] };

let model: HeldModel;
let published: string[];

beforeEach(async () => {
  model = await holdModel();
  published = [];
  const tool = portsOf(await objectEnv()).tools.find(({ name }) => name === "publish_report");
  if (tool === undefined) throw new Error("there is no tool to approve");
  vi.spyOn(tool, "execute").mockImplementation(async (_, { runId }) => {
    published.push(runId);
    return OUTPUT;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Asks for a report to be published, and waits until the run waits. */
async function waiting(words = "publish it", thread?: Conversation) {
  const where = thread ?? (await beginThread());
  const client = await where.connect();
  const { run_id } = await client.say(words);
  const turn = await model.turn(words);
  turn.write("I ask you first.");
  turn.call("publish_report", {});
  turn.end();
  const { data } = await client.frame("approval_requested", ({ context }) => {
    return context.run_id === run_id;
  });
  await eventually(async () => {
    expect(await parkedRuns(where)).toBe(1);
  });
  return { thread: where, client, runId: run_id, asked: data };
}

/** @returns how many runs nobody holds. */
function parkedRuns({ object }: Conversation): Promise<number> {
  return runInDurableObject(object, (_, { storage }) => {
    const query = "SELECT count(*) AS runs FROM runs WHERE parked_until IS NOT NULL";
    return Number(storage.sql.exec(query).one().runs);
  });
}

function alarmOf({ object }: Conversation): Promise<number | null> {
  return runInDurableObject(object, (_, { storage }) => storage.getAlarm());
}

function decide(thread: Conversation, runId: string, decision: string, token?: string) {
  return ask(`/api/runs/${runId}/approvals/${CALL}`, {
    token: token ?? thread.owner.access_token,
    body: { decision },
  });
}

/** Answers the run's next turn, and waits for its end. */
async function finish(client: Client, runId: string, words = "publish it") {
  (await model.turn(words, 2)).end("Done.");
  return await client.completed(runId);
}

const decisions = ({ events }: Client) =>
  events.filter(({ type }) => type === "approval_decided").map(({ data }) => data);

const approve = { type: "approve", call_id: CALL, decision: "approved" };
const reject = { type: "approve", call_id: CALL, decision: "rejected" };

describe("a run that waits for an approval", () => {
  it("is live, shows what waits, and has its alarm at the time that is over", async () => {
    const { thread, client, runId, asked } = await waiting();

    expect(await thread.run(runId)).toMatchObject({ status: "running", completed_at: null });
    expect(client.view.runs[runId]?.timeline.at(-1)).toMatchObject({
      kind: "tool",
      name: "publish_report",
      status: "waiting",
      approval: { expiresAt: asked.expires_at, decision: null },
    });
    client.close();
    await eventually(async () => {
      await thread.alarm();
      expect(await alarmOf(thread)).toBe(Date.parse(asked.expires_at));
    });
    expect(published).toEqual([]);
  });

  it("sleeps with its object, and goes on when it is approved after that", async () => {
    const { thread, client, runId } = await waiting();
    await evictDurableObject(thread.object);
    client.send(approve);
    const { data } = await finish(client, runId);

    expect(data).toMatchObject({
      status: "completed",
      final_response: "I ask you first.\n\nDone.",
    });
    expect(published).toEqual([runId]);
    const told = client.events.filter(({ context }) => context.run_id === runId);
    expect(told.map(({ type }) => type).filter((type) => type !== "agent_thinking")).toEqual([
      "message_accepted",
      "agent_started",
      "approval_requested",
      "approval_decided",
      "tool_executing",
      "tool_completed",
      "agent_completed",
    ]);
  });

  it("waits on after the death of its object, and shows who comes back what it wrote", async () => {
    const { thread, runId } = await waiting();
    await thread.die();
    model = await holdModel();
    const again = await thread.connect();
    const ready = await again.frame("connection_ready");
    expect(ready.data.live_run_id).toBe(runId);
    expect((await again.frame("message_delta")).text).toBe("I ask you first.");
    again.send(approve);
    (await model.turn("publish it")).end("Done.");

    expect((await again.completed(runId)).data.status).toBe("completed");
    expect(published).toEqual([runId]);
    expect(again.events.some(({ type }) => type === "agent_fallback")).toBe(false);
  });

  it("goes on without the call when it is rejected", async () => {
    const { client, runId } = await waiting();
    client.send(reject);
    const { data } = await client.frame("tool_completed");
    expect(data).toMatchObject({ status: "cancelled", problem: { code: "approval_rejected" } });

    expect((await finish(client, runId)).data.status).toBe("completed");
    expect(published).toEqual([]);
  });

  it("expires by its alarm, by the clock, and a decision after that is told so", async () => {
    const { thread, client, runId } = await waiting();
    const later = vi.spyOn(systemClock, "now");
    later.mockImplementation(() => Date.now() + DAY + 1_000);
    await runDurableObjectAlarm(thread.object);
    await eventually(async () => {
      expect(await parkedRuns(thread)).toBe(0);
    });
    later.mockRestore();
    const again = await thread.connect();
    expect((await again.frame("tool_completed")).data).toMatchObject({
      status: "failed",
      problem: { code: "approval_expired" },
    });
    expect(decisions(again)).toEqual([{ call_id: CALL, decision: "expired", by: "clock" }]);
    expect((await again.refused(approve)).problem.code).toBe("approval_expired");

    expect((await finish(again, runId)).data.status).toBe("completed");
    expect(published).toEqual([]);
    client.close();
  });

  it("ends at once when it is cancelled, with its call closed", async () => {
    const { thread, client, runId } = await waiting();
    client.send({ type: "cancel" });
    expect((await client.completed(runId)).data.status).toBe("cancelled");
    expect((await client.frame("tool_completed")).data.status).toBe("cancelled");

    expect((await client.refused(approve)).problem.code).toBe("already_decided");
    expect(await parkedRuns(thread)).toBe(0);
    expect(published).toEqual([]);
  });

  it("gives way to a message that interrupts", async () => {
    const { client, runId } = await waiting();
    const { run_id } = await client.say("never mind", { queueing: "interrupt" });
    (await model.turn("never mind")).end("All right.");

    expect((await client.completed(runId)).data.status).toBe("cancelled");
    expect((await client.completed(run_id)).data.status).toBe("completed");
    expect(published).toEqual([]);
  });
});

describe("of several who decide", () => {
  it("the first wins over two sockets, and the other is told", async () => {
    const { thread, client, runId } = await waiting();
    const other = await thread.connect();
    await other.frame("approval_requested");
    client.send(approve);
    const { problem } = await other.refused(reject);

    expect(problem).toMatchObject({ code: "already_decided", status: 409 });
    await finish(client, runId);
    expect(decisions(client)).toEqual([{ call_id: CALL, decision: "approved", by: "user" }]);
    expect(published).toEqual([runId]);
  });

  it("who says the same again is answered with the first decision", async () => {
    const { thread, client, runId } = await waiting();
    const first = ApprovalReceipt.parse(await (await decide(thread, runId, "approved")).json());
    const again = await decide(thread, runId, "approved");
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(first);
    await client.frame("approval_decided");
    const from = client.frames.length;
    client.send(approve);
    expect((await client.frame("approval_decided", undefined, from)).seq).toBe(first.seq);
    expect((await decide(thread, runId, "rejected")).status).toBe(409);

    await finish(client, runId);
    expect(published).toEqual([runId]);
  });

  it("nobody decides about another's call, or one that does not wait", async () => {
    const { thread, runId } = await waiting();
    const stranger = await somebody();
    const theirs = await decide(thread, runId, "approved", stranger.access_token);
    expect(theirs.status).toBe(404);
    const missing = await ask(`/api/runs/${runId}/approvals/call-2`, {
      token: thread.owner.access_token,
      body: { decision: "approved" },
    });
    expect(await problemOf(missing)).toMatchObject({ code: "not_found" });
    const other = await beginThread(thread.owner);
    const elsewhere = await other.connect();
    expect((await elsewhere.refused(approve)).problem.code).toBe("not_found");
  });

  it("who may not call the tool may not approve it, but may reject it", async () => {
    const { thread, runId } = await waiting();
    const { key } = await makeKey(thread.owner, ["runs:write", "tools:usage_summary"]);
    expect((await decide(thread, runId, "approved", key)).status).toBe(403);
    const reader = await makeKey(thread.owner, ["runs:read"]);
    expect((await decide(thread, runId, "rejected", reader.key)).status).toBe(403);
    expect((await decide(thread, runId, "rejected", key)).status).toBe(200);
    expect(published).toEqual([]);
  });
});
