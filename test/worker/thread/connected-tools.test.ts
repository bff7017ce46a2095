/** The tools of a user's own servers: each message is offered them as they are, and none waits for D1 to say that nothing changed. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { McpServerHealth } from "../../../src/protocol/mcp-servers.ts";
import { McpServerRows } from "../../../src/store/mcp-servers.ts";
import { answerMcp, ECHO } from "../../mcp-server/answer.ts";
import { ask } from "../http/ask.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

let model: HeldModel;
let tools = [ECHO];

beforeEach(async () => {
  model = await holdModel();
  tools = [ECHO];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const told = request.method === "POST" ? answerMcp(await request.json(), tools) : null;
    return told === null ? new Response(null, { status: 202 }) : Response.json(told);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Says something, and has it answered. @returns the tools of connected servers that the run was offered. */
async function offeredTo(thread: Conversation, content: string): Promise<string[]> {
  const client = await thread.connect();
  const { run_id } = await client.say(content);
  const turn = await model.turn(content);
  turn.end("Done.");
  await client.completed(run_id);
  client.close();
  return turn.request.tools.map(({ name }) => name).filter((name) => name.startsWith("mcp_files_"));
}

function servers({ owner }: Conversation, path: string, method: string, body?: unknown) {
  return ask(`/api/mcp/servers${path}`, { method, token: owner.access_token, body });
}

async function connect(thread: Conversation): Promise<string> {
  const body = { name: "files", url: "https://mcp.example.com/mcp" };
  const response = await servers(thread, "", "POST", body);
  return McpServerHealth.parse(await response.json()).id;
}

it("are as they were left by whatever changed them since the message before", async () => {
  const thread = await beginThread();
  expect(await offeredTo(thread, "before there is a server")).toEqual([]);
  const id = await connect(thread);
  expect(await offeredTo(thread, "once it is connected")).toEqual(["mcp_files_echo"]);
  tools = [ECHO, { ...ECHO, name: "shout" }];
  await servers(thread, `/${id}/check`, "POST");
  expect(await offeredTo(thread, "once it can do more")).toEqual([
    "mcp_files_echo",
    "mcp_files_shout",
  ]);
  await servers(thread, `/${id}`, "PATCH", { enabled: false });
  expect(await offeredTo(thread, "while it is off")).toEqual([]);
  await servers(thread, `/${id}`, "PATCH", { enabled: true });
  expect(await offeredTo(thread, "once it is on")).toHaveLength(2);
  await servers(thread, `/${id}`, "DELETE");
  expect(await offeredTo(thread, "once it is gone")).toEqual([]);
});

it("are read once, and again where something changed or nobody could tell for a minute", async () => {
  const read = vi.spyOn(McpServerRows.prototype, "tools");
  const thread = await beginThread();
  await offeredTo(thread, "the first");
  await offeredTo(thread, "the second");
  await offeredTo(thread, "the third");
  expect(read).toHaveBeenCalledTimes(1);

  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
  await offeredTo(thread, "a minute later");
  vi.useRealTimers();
  expect(read).toHaveBeenCalledTimes(2);
});
