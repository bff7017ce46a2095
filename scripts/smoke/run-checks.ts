/** What must be so of runs: the five events in their order, once each, over every way, through a cut. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { AcceptedMessage, MessagePage, Ticket } from "../../src/protocol/api.ts";
import { Run, type Thread } from "../../src/protocol/entities.ts";
import type { LoggedEvent } from "../../src/protocol/events.ts";
import { isLogged } from "../../src/protocol/frames.ts";
import { ToolExecution } from "../../src/protocol/tools.ts";
import type { Cast, CastCheck } from "./check.ts";
import type { Guest, Live } from "./live.ts";
import { ThreadSocket } from "./socket.ts";

const QUESTION = "Which model is cheaper?";
/** How long the history may lag behind the events, in milliseconds. */
const HISTORY_LAG_MS = 10_000;

/** A run that was followed to its end, with all of its frames. */
interface Followed {
  readonly thread: Thread;
  readonly events: readonly LoggedEvent[];
  readonly epoch: string;
}

/** Most checks share one run, because a real model costs money. */
const followed = new WeakMap<Cast, Promise<Followed>>();

function runOf(live: Live, cast: Cast): Promise<Followed> {
  const known = followed.get(cast) ?? follow(live, cast.ada);
  followed.set(cast, known);
  return known;
}

async function follow(live: Live, ada: Guest): Promise<Followed> {
  const thread = await live.newThread(ada);
  using socket = new ThreadSocket(live, ada, thread.id);
  const { data } = await socket.hear("connection_ready");
  // Said twice, as after a lost acknowledgement: it is taken once.
  const message = { type: "user_message", content: QUESTION, client_message_id: randomUUID() };
  socket.send(message);
  socket.send(message);
  await socket.hear("agent_completed");
  // A repeated message is acknowledged again, with the same event.
  const events = new Map(socket.frames.filter(isLogged).map((event) => [event.seq, event]));
  return { thread, events: [...events.values()], epoch: data.epoch };
}

const typesOf = (events: readonly LoggedEvent[]) => events.map(({ type }) => type);

export const RUN_CHECKS: readonly CastCheck[] = [
  {
    name: "A socket opens by a ticket that works once, and answers a ping",
    async run(live, { ada }) {
      const { id } = await live.newThread(ada);
      const asked = { method: "POST", token: ada.access_token };
      const { ticket } = await live.read(Ticket, `/api/threads/${id}/ticket`, asked);
      const path = `/api/threads/${id}/socket?ticket=${encodeURIComponent(ticket)}`;
      assert.equal(await live.upgrade(path), 101);
      assert.equal(await live.upgrade(path), 401);
      using socket = new ThreadSocket(live, ada, id);
      await socket.hear("connection_ready");
      socket.send({ type: "ping" });
      await socket.hear("pong");
    },
  },
  {
    name: "A run tells its five events, begun once, ended once, completed",
    async run(live, cast) {
      const { events } = await runOf(live, cast);
      const types = typesOf(events);
      assert.equal(types.filter((type) => type === "message_accepted").length, 1);
      assert.equal(types.filter((type) => type === "agent_started").length, 1);
      assert.ok(types.filter((type) => type === "agent_thinking").length >= 2);
      assert.ok(types.indexOf("agent_started") < types.indexOf("agent_thinking"));
      assert.deepEqual(
        types.filter((type) => type === "agent_completed"),
        ["agent_completed"],
      );
      const end = events.find((event) => event.type === "agent_completed");
      assert.equal(end?.data.status, "completed");
    },
  },
  {
    name: "Tools are called and come back, each with what it was asked",
    async run(live, cast) {
      const { events } = await runOf(live, cast);
      const asked = events.filter((event) => event.type === "tool_executing");
      const done = events.filter((event) => event.type === "tool_completed");
      assert.ok(asked.length > 0, "no tool was called");
      const ids = (all: readonly { readonly data: { readonly call_id: string } }[]) =>
        all.map(({ data }) => data.call_id).toSorted();
      assert.deepEqual(ids(done), ids(asked));
      assert.ok(asked.every(({ data }) => data.operation.length >= 20));
    },
  },
  {
    name: "Every event says whose it is, and none is missing or twice",
    async run(live, cast) {
      const { events, thread } = await runOf(live, cast);
      for (const { context } of events) {
        assert.equal(context.user_id, cast.ada.user.id);
        assert.equal(context.thread_id, thread.id);
      }
      const seqs = events.map(({ seq }) => seq);
      assert.deepEqual(
        seqs,
        seqs.map((_, index) => (seqs[0] ?? 0) + index),
      );
    },
  },
  {
    name: "Who comes back hears exactly what was missed",
    async run(live, cast) {
      const { events, thread, epoch } = await runOf(live, cast);
      const [first] = events;
      assert.ok(first);
      const query = `?after=${first.seq}&epoch=${epoch}`;
      using socket = new ThreadSocket(live, cast.ada, thread.id, query);
      await socket.hear("agent_completed");
      const again = socket.frames.filter(isLogged);
      assert.deepEqual(typesOf(again), typesOf(events.slice(1)));
    },
  },
  {
    name: "The history has the question and the answer, as they were told",
    async run(live, cast) {
      const { events, thread } = await runOf(live, cast);
      const end = events.find((event) => event.type === "agent_completed");
      const path = `/api/threads/${thread.id}/messages?order=asc`;
      const until = Date.now() + HISTORY_LAG_MS;
      for (;;) {
        const { data } = await live.read(MessagePage, path, { token: cast.ada.access_token });
        const said = data.map(({ content }) => content);
        if (said.length === 2 && said[1] === end?.data.final_response) return;
        assert.ok(Date.now() < until, `the history has: ${JSON.stringify(said).slice(0, 300)}`);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    },
  },
  {
    name: "The same events come as a stream of one request, which ends with its run",
    async run(live, { ada }) {
      const { id } = await live.newThread(ada);
      const answer = await fetch(`${live.url}/api/threads/${id}/messages`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${ada.access_token}`,
          "content-type": "application/json",
          accept: "text/event-stream",
        },
        body: JSON.stringify({ content: QUESTION }),
        signal: AbortSignal.timeout(180_000),
      });
      assert.match(answer.headers.get("content-type") ?? "", /^text\/event-stream/);
      const types = [...(await answer.text()).matchAll(/^event: (.+)$/gm)].map(([, type]) => type);
      assert.equal(types.filter((type) => type === "agent_started").length, 1);
      assert.equal(types.filter((type) => type === "agent_completed").length, 1);
    },
  },
  {
    name: "A run that is cancelled ends as cancelled",
    async run(live, { ada }) {
      const { id } = await live.newThread(ada);
      const token = ada.access_token;
      const posted = { token, body: { content: "Cut our AI costs by 30 %" } };
      const { run_id } = await live.read(AcceptedMessage, `/api/threads/${id}/messages`, posted);
      const cancelled = await live.ask(`/api/runs/${run_id}/cancel`, { method: "POST", token });
      assert.equal(cancelled.status, 202);
      using socket = new ThreadSocket(live, ada, id, "?after=0");
      const { data } = await socket.hear("agent_completed");
      assert.ok(["cancelled", "completed"].includes(data.status), `it ended as ${data.status}`);
      assert.equal((await live.read(Run, `/api/runs/${run_id}`, { token })).id, run_id);
    },
  },
  {
    name: "A tool answers without an agent, by records or by saying that there are none",
    async run(live, { ada }) {
      const asked = { token: ada.access_token, body: { arguments: {} } };
      const done = await live.read(ToolExecution, "/api/tools/usage_summary/execute", asked);
      assert.equal(done.tool_name, "usage_summary");
    },
  },
  {
    name: "The stream of all threads speaks at once",
    async run(live, { ada }) {
      const answer = await live.ask("/api/events/stream?for=5", {
        token: ada.access_token,
        headers: { accept: "text/event-stream" },
      });
      const reader = answer.body?.getReader();
      const first = await reader?.read();
      await reader?.cancel();
      assert.match(new TextDecoder().decode(first?.value), /feed_ready/);
    },
  },
];
