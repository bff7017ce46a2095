/** A run's trace is that of its message, in each of its lives, and its lines of the log say so. */
import { beforeAll, describe, expect, it, vi } from "vitest";
import { AcceptedMessage } from "../../../src/protocol/api.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel, objectEnv } from "./held-model.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

/** Says something over HTTP, in a trace where one is given. */
async function say(thread: Conversation, content: string, headers: Record<string, string> = {}) {
  const answer = await thread.ask("/messages", { body: { content }, headers });
  const { run_id } = AcceptedMessage.parse(await answer.clone().json());
  return { answer, run_id };
}

const traceOf = async (question: string, nth = 1) =>
  (await model.turn(question, nth)).request.trace?.traceId;

describe("the trace of a message", () => {
  it("is that of its run, also where that waits in the queue, and after a death", async () => {
    const thread = await beginThread();
    const other = TRACE.replace("4bf9", "5bf9");
    await say(thread, "goes first", { traceparent: `00-${TRACE}-${SPAN}-01` });
    await say(thread, "waits", { traceparent: `00-${other}-${SPAN}-01` });
    expect(await traceOf("goes first")).toBe(TRACE);
    await thread.die();
    expect(await thread.alarm()).toBe(true);
    expect(await traceOf("goes first", 2)).toBe(TRACE);
    (await model.turn("goes first", 2)).end("Done.");
    expect(await traceOf("waits")).toBe(other);
    (await model.turn("waits")).end("Done.");
    await thread.settled();
  });

  it("is a new one where it brings none, or a broken one", async () => {
    const thread = await beginThread();
    const broken = { traceparent: `00-${"0".repeat(32)}-${SPAN}-01`, tracestate: "a=1" };
    for (const [question, headers] of [["plain", {}] as const, ["broken", broken] as const]) {
      const { answer } = await say(thread, question, headers);
      const [, traceId] = answer.headers.get("traceresponse")?.split("-") ?? [];
      expect(traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      expect(await traceOf(question)).toBe(traceId);
      (await model.turn(question)).end("Done.");
      await thread.settled();
    }
  });

  it("over a socket is one of its own for each message", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const traces: unknown[] = [];
    for (const question of ["one", "another"]) {
      const { run_id } = await client.say(question);
      traces.push(await traceOf(question));
      (await model.turn(question)).end("Done.");
      await client.completed(run_id);
    }
    expect(new Set(traces).size).toBe(2);
    expect(traces).not.toContain(undefined);
    client.close();
  });
});

it("a run's line of the log names its request, trace, user, thread and run, and no word of it", async () => {
  const lines: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line: unknown) => {
    lines.push(String(line));
  });
  const thread = await beginThread();
  const { answer, run_id } = await say(thread, "tell of marzipan", {
    traceparent: `00-${TRACE}-${SPAN}-00`,
  });
  (await model.turn("tell of marzipan")).end("It is sweet.");
  await thread.settled();
  spy.mockRestore();
  const line = lines.map((text) => JSON.parse(text)).find((each) => each.run_id === run_id);
  expect(line).toMatchObject({
    event: "run.ended",
    request_id: answer.headers.get("x-request-id"),
    trace_id: TRACE,
    user_id: thread.owner.user.id,
    thread_id: thread.threadId,
    status: "completed",
    agent: "supervisor",
  });
  expect(lines.join()).not.toMatch(/marzipan|sweet/);
});

it("a run that has ended is one data point for Analytics Engine, in the trace of its message", async () => {
  const { telemetry } = portsOf(await objectEnv());
  const write = vi.spyOn(telemetry, "write");
  const thread = await beginThread();
  await say(thread, "is counted", { traceparent: `00-${TRACE}-${SPAN}-01` });
  (await model.turn("is counted")).end("Done.");
  await thread.settled();
  const points = write.mock.calls.flat().filter(({ blobs: [kind] }) => kind === "run");
  const { model: name } = (await model.turn("is counted")).request;
  expect(points).toEqual([
    {
      indexes: ["supervisor"],
      blobs: ["run", "supervisor", name, TRACE, "completed"],
      doubles: [0, 0, 0, 0].map(() => expect.any(Number)),
    },
  ]);
  write.mockRestore();
});
