/** The agents over HTTP: who there is, how each stands, and work for one of them in a thread of its own. */
import { beforeAll, describe, expect, it } from "vitest";
import { AGENT_NAMES } from "../../../src/agents/roster.ts";
import { AgentConfig, AgentStatus, AgentStatuses, Agents } from "../../../src/protocol/agents.ts";
import { AcceptedMessage, type Credentials, ThreadPage } from "../../../src/protocol/api.ts";
import { Run } from "../../../src/protocol/entities.ts";
import { RunPage, StoppedRuns } from "../../../src/protocol/runs.ts";
import { eventually, fieldsOf } from "../thread/client.ts";
import { beginThread } from "../thread/conversation.ts";
import { type Asked, ask, problemOf } from "./ask.ts";
import { EventStream } from "./event-stream.ts";
import { somebody } from "./somebody.ts";

let ada: Credentials;
const as = (path: string, asked: Asked = {}) => ask(path, { token: ada.access_token, ...asked });

beforeAll(async () => {
  ada = await somebody();
});

describe("work for an agent is refused", () => {
  it.each([
    ["without a word", {}, "content"],
    ["with two messages", { content: "a", message: "b" }, "content"],
    ["to an agent nobody knows", { content: "hello", agent: "nobody" }, "agent"],
    ["with a field nobody knows", { content: "hello", role: "system" }, "role"],
  ])("%s, and no thread is left behind", async (_, body, field) => {
    const eve = await somebody();
    const token = eve.access_token;
    const problem = await problemOf(await ask("/api/agents/execute", { token, body }));

    expect(problem).toMatchObject({ status: 422, code: "invalid_fields" });
    expect(fieldsOf(problem)).toEqual([field]);
    expect(ThreadPage.parse(await (await ask("/api/threads", { token })).json()).data).toEqual([]);
  });

  it("in another's thread, as in one that is missing", async () => {
    const { threadId } = await beginThread();
    const body = { content: "hello", thread_id: threadId };

    expect((await as("/api/agents/execute", { body })).status).toBe(404);
  });

  it("where the path names no agent", async () => {
    const body = { content: "hello" };
    for (const path of ["nobody", "nobody/config", "nobody/status"]) {
      expect((await as(`/api/agents/${path}`)).status).toBe(404);
    }
    expect((await as("/api/agents/nobody/execute", { body })).status).toBe(404);
  });
});

it("the agents are listed, the default first, and each tells of its orders, models and tools", async () => {
  const { data } = Agents.parse(await (await as("/api/agents")).json());
  expect(data.map(({ name }) => name)).toEqual(AGENT_NAMES);
  expect(data.filter(({ is_default }) => is_default).map(({ name }) => name)).toEqual([
    AGENT_NAMES[0],
  ]);

  const config = AgentConfig.parse(await (await as("/api/agents/data/config")).json());
  expect(config.instructions.length).toBeGreaterThan(100);
  expect(config.models).toContain(config.model);
  expect(config.tools.map(({ name }) => name)).toContain("cost_breakdown");
});

describe("work for an agent", () => {
  it("makes a thread, and the answer is found at the address that is told", async () => {
    const response = await as("/api/agents/execute", { body: { message: "What do calls cost?" } });
    const accepted = AcceptedMessage.parse(await response.json());

    expect(response.status).toBe(202);
    expect(response.headers.get("location")).toBe(`/api/runs/${accepted.run_id}`);
    await eventually(async () => {
      const run = Run.parse(await (await as(`/api/runs/${accepted.run_id}`)).json());
      expect(run).toMatchObject({ status: "completed", thread_id: accepted.thread_id });
    });
  });

  it("is the agent's whom the path names, and is waited for where that is asked", async () => {
    const body = { content: "What do calls cost?" };
    const response = await as("/api/agents/triage/execute?wait=30", { body });
    const run = Run.parse(await response.json());

    expect(response.status).toBe(200);
    expect(run).toMatchObject({ agent: "triage", status: "completed" });
    expect(run.final_response?.length).toBeGreaterThan(0);
  });

  it("goes on in the thread that is named, and comes as events where that is asked", async () => {
    const { threadId, owner } = await beginThread(ada);
    const body = { content: "What do calls cost?", thread_id: threadId };
    const headers = { accept: "text/event-stream" };
    const response = await ask("/api/agents/execute", {
      token: owner.access_token,
      body,
      headers,
    });
    const stream = new EventStream(response);
    await stream.toEnd();

    expect(stream.frames.at(-1)).toMatchObject({
      type: "agent_completed",
      context: { thread_id: threadId },
    });
  });

  it("shows in the agent's status and in the list of runs", async () => {
    await as("/api/agents/triage/execute?wait=30", { body: { content: "Hello" } });
    await eventually(async () => {
      const status = AgentStatus.parse(await (await as("/api/agents/triage/status")).json());
      expect(status).toMatchObject({ status: "idle", live_runs: [] });
      expect(status.runs.completed).toBeGreaterThan(0);
    });
    const all = AgentStatuses.parse(await (await as("/api/agents/status")).json());
    expect(all.data.map(({ name }) => name)).toEqual(AGENT_NAMES);

    const page = RunPage.parse(await (await as("/api/runs?agent=triage&limit=1&page=1")).json());
    expect(page).toMatchObject({ page: 1, limit: 1, data: [{ agent: "triage" }] });
    expect(page.total).toBeGreaterThan(0);
  });
});

describe("runs in pages", () => {
  it("are each told once, in the order that is asked", async () => {
    const { access_token: token } = await somebody();
    for (const content of ["one", "two", "three"]) {
      await ask("/api/agents/triage/execute?wait=30", { token, body: { content } });
    }
    const read = async (query: string) =>
      RunPage.parse(await (await ask(`/api/runs?${query}`, { token })).json());
    await eventually(async () => expect((await read("")).data).toHaveLength(3));
    const all = (await read("order=asc")).data.map(({ id }) => id);
    const first = await read("limit=2&order=asc");
    const rest = await read(`limit=2&order=asc&after=${first.next_cursor}`);

    expect([first.has_more, rest.has_more]).toEqual([true, false]);
    expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(all);
    expect((await read("order=desc")).data.map(({ id }) => id)).toEqual(all.toReversed());
    const crossed = await ask(`/api/runs?order=desc&cursor=${first.next_cursor}`, { token });
    expect(fieldsOf(await problemOf(crossed))).toEqual(["cursor"]);
  });
});

describe("an end to runs", () => {
  it.each([
    [{}, 422],
    [{ run_id: "nothing" }, 404],
    [{ thread_id: "nothing" }, 404],
    [{ run_id: "nothing.1" }, 404],
  ])("of %j is refused", async (body, status) => {
    expect((await as("/api/agents/stop", { body })).status).toBe(status);
  });

  it("of a thread ends all of its runs, and of one that has ended changes nothing", async () => {
    const { threadId } = await beginThread(ada);
    const body = { content: "Hello", thread_id: threadId };
    const started = await as("/api/agents/execute?wait=30", { body });
    const { id } = Run.parse(await started.json());
    const stop = async (what: object) =>
      StoppedRuns.parse(await (await as("/api/agents/cancel", { body: what })).json());

    await eventually(async () => {
      expect(await stop({ thread_id: threadId })).toEqual({ data: [] });
    });
    expect(await stop({ run_id: id })).toMatchObject({ data: [{ id, status: "completed" }] });
  });
});
