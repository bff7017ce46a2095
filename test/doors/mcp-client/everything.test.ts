/** The official example server, connected: its tools join the agents', under approval, and leave no run behind. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { McpServerHealth, McpTools } from "../../../src/protocol/mcp-servers.ts";
import { type Everything, startEverything } from "./everything.ts";
import { ANSWER, calls, personWith, runWith } from "./run.ts";

const ECHO = "mcp_everything_echo";

let everything: Everything & { readonly port: number };

beforeAll(async () => {
  everything = await startEverything();
});

afterAll(() => everything.stop());

test("its tools are listed under a prefix, each as its schema says", async () => {
  const { person, server } = await personWith(everything.url, "everything");
  expect(server).toMatchObject({ health: "healthy", breaker: "closed", left_out: 0 });
  const { data } = McpTools.parse(await (await person.request("GET", "/api/mcp/tools")).json());
  expect(data.length).toBe(server.tool_count);
  expect(data.find(({ name }) => name === ECHO)).toMatchObject({
    tool: "echo",
    approved: false,
    parameters: { type: "object", properties: { message: { type: "string" } } },
  });
});

describe("A call of its echo tool", () => {
  test("is asked about first, then made, and from then on made without a question", async () => {
    const { person } = await personWith(everything.url, "everything");
    const say = calls(ECHO, { message: "a word of mine" });
    const first = await runWith(person, [say], ["approved"]);

    const types = first.frames.map(({ type }) => type);
    const order = ["approval_requested", "approval_decided", "tool_executing", "tool_completed"];
    expect(types.filter((type) => order.includes(type))).toEqual(order);
    expect(first.calls).toMatchObject([{ tool_name: ECHO, status: "succeeded" }]);
    expect(first.calls[0]?.results).toMatchObject({
      server: "everything",
      tool: "echo",
      text: expect.stringContaining("Echo: a word of mine"),
    });
    expect(first.end.data).toMatchObject({ status: "completed", final_response: ANSWER });
    const offered = first.requests[0]?.body.tools.map((tool) => tool.function.name);
    expect(offered).toContain(ECHO);
    expect(offered).toContain("usage_summary");
    expect(JSON.stringify(first.requests[0]?.body.messages[0])).toContain("Connected servers");

    const second = await runWith(person, [say]);
    expect(second.frames.map(({ type }) => type)).not.toContain("approval_requested");
    expect(second.calls).toMatchObject([{ tool_name: ECHO, status: "succeeded" }]);
  });

  test("that is rejected is not made, and the run goes on", async () => {
    const { person } = await personWith(everything.url, "everything");
    const { calls: made, end } = await runWith(
      person,
      [calls(ECHO, { message: "no" })],
      ["rejected"],
    );
    expect(made).toMatchObject([{ status: "cancelled", problem: { code: "approval_rejected" } }]);
    expect(end.data.status).toBe("completed");
  });

  test("with arguments that its server refuses fails, and the run goes on", async () => {
    const { person } = await personWith(everything.url, "everything");
    const { calls: made, end } = await runWith(person, [calls(ECHO, { message: 7 })], ["approved"]);
    expect(made).toMatchObject([{ status: "failed", problem: { code: "tool_failed" } }]);
    expect(end.data.status).toBe("completed");
  });

  test("fails while the server is down, and is made again once it is back", async () => {
    const own = await startEverything();
    const { person, server } = await personWith(own.url, "everything");
    const say = calls(ECHO, { message: "there?" });
    await own.stop();
    const down = await runWith(person, [say], ["approved"]);
    expect(down.calls).toMatchObject([{ status: "failed", problem: { code: "tool_failed" } }]);
    expect(down.end.data.status).toBe("completed");
    const told = await (await person.request("GET", `/api/mcp/servers/${server.id}`)).json();
    expect(McpServerHealth.parse(told).health).toBe("failing");

    const back = await startEverything(own.port);
    try {
      const up = await runWith(person, [say]);
      expect(up.calls).toMatchObject([{ status: "succeeded" }]);
      const well = await (await person.request("GET", `/api/mcp/servers/${server.id}`)).json();
      expect(McpServerHealth.parse(well).health).toBe("healthy");
    } finally {
      await back.stop();
    }
  });
});
