/** A whole run with the demo model: what every connection of its user hears, and what history keeps. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../../src/protocol/events.ts";
import { isLogged } from "../../../src/protocol/frames.ts";
import { applyDelta } from "../../../src/protocol/projection.ts";
import { EventStream } from "../http/event-stream.ts";
import { type Client, eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";

const QUESTION = "What do we spend by feature?";

let thread: Conversation;
let clients: Client[];
let stream: EventStream;
let runId: string;
let events: LoggedEvent[];

type OfType<Type extends LoggedEvent["type"]> = Extract<LoggedEvent, { type: Type }>;

function ofType<Type extends LoggedEvent["type"]>(type: Type): OfType<Type>[] {
  const isIt = (event: LoggedEvent): event is OfType<Type> => event.type === type;
  return events.filter(isIt);
}

beforeAll(async () => {
  thread = await beginThread();
  clients = await Promise.all([thread.connect(), thread.connect(), thread.connect()]);
  stream = new EventStream(await thread.ask("/events"));
  const [speaker] = clients;
  if (speaker === undefined) throw new Error("nobody is connected");
  runId = (await speaker.say(QUESTION)).run_id;
  await Promise.all(clients.map((client) => client.completed(runId)));
  await stream.until(({ type }) => type === "agent_completed");
  events = speaker.events;
});

describe("the events of a run", () => {
  it("are numbered from 1 without a gap, and the same on every connection", async () => {
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    for (const client of clients) expect(client.events).toEqual(events);
    expect(stream.frames.filter(isLogged)).toEqual(events);
    await stream.leave();
  });

  it("say whose they are, where and when", () => {
    for (const { type, context } of events) {
      expect(context).toMatchObject({
        user_id: thread.owner.user.id,
        thread_id: thread.threadId,
        run_id: type === "thread_updated" ? null : runId,
      });
      expect(new Date(context.timestamp).toISOString()).toBe(context.timestamp);
    }
  });

  it("begin with agent_started after the message, end with agent_completed, each exactly once", () => {
    expect(events.slice(0, 2).map(({ type }) => type)).toEqual([
      "message_accepted",
      "agent_started",
    ]);
    expect(events.at(-1)?.type).toBe("agent_completed");
    expect(ofType("agent_started")).toHaveLength(1);
    expect(ofType("agent_completed")).toHaveLength(1);
  });

  it("tell the thinking at least twice, and close each tool call they open", () => {
    expect(ofType("agent_thinking").length).toBeGreaterThanOrEqual(2);
    const called = ofType("tool_executing").map(({ data }) => data.call_id);
    expect(called).not.toEqual([]);
    expect(ofType("tool_completed").map(({ data }) => data.call_id)).toEqual(called);
  });

  it("carry the answer, whose deltas fold to its text on every connection", () => {
    const [completed] = ofType("agent_completed");
    expect(completed?.data).toMatchObject({ status: "completed", persisted: true });
    for (const client of clients) {
      const deltas = client.frames.filter(({ type }) => type === "message_delta");
      const folded = deltas.reduce(
        (text, frame) => (frame.type === "message_delta" ? applyDelta(text, frame) : text),
        "",
      );
      expect(folded).toBe(completed?.data.final_response);
    }
  });
});

describe("when agent_completed says persisted", () => {
  it("D1 holds both messages and the run as they are", async () => {
    const [completed] = ofType("agent_completed");
    const { results: messages } = await env.DB.prepare(
      "SELECT role, content, status, run_id FROM messages WHERE thread_id = ? ORDER BY seq",
    )
      .bind(thread.threadId)
      .all();
    const { results: runs } = await env.DB.prepare(
      "SELECT id, status, user_id FROM runs WHERE thread_id = ?",
    )
      .bind(thread.threadId)
      .all();

    expect(messages).toEqual([
      { role: "user", content: QUESTION, status: "complete", run_id: runId },
      {
        role: "assistant",
        content: completed?.data.final_response,
        status: "complete",
        run_id: runId,
      },
    ]);
    expect(runs).toEqual([{ id: runId, status: "completed", user_id: thread.owner.user.id }]);
  });

  it("the object keeps no checkpoint, no draft and no row for D1 any more", async () => {
    await thread.settled();

    expect(await thread.rowCounts()).toMatchObject({ runs: 1, events: events.length });
    // What is told of the run's end may set one more.
    await eventually(async () => expect(await thread.alarm()).toBe(false));
  });

  it("the thread has its question for a title", async () => {
    expect(await (await thread.ask("")).json()).toMatchObject({ title: QUESTION });
  });
});
