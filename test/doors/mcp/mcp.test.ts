/** The MCP door by its official client, in both living revisions: what it offers, and who may have it. */
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { RunAnswer } from "../../../src/doors/mcp/tools/follow-call.ts";
import { ThreadPage } from "../../../src/protocol/api.ts";
import { Run } from "../../../src/protocol/entities.ts";
import type { RunId } from "../../../src/protocol/ids.ts";
import { modelRequests, scriptModel } from "../../e2e/model-script.ts";
import { newPerson, type Person } from "../../e2e/person.ts";
import { eventually } from "../../e2e/within.ts";
import { connect, ERAS } from "./official.ts";

const CALL = { timeout: 60_000 };
const LONG = { name: "run_agent", arguments: { message: "Think as long as you like." } };

/** @returns the run of somebody who has begun one, once it works. */
function runUnderWay(person: Person): Promise<RunId> {
  return eventually(
    async () => {
      const page = await (await person.request("GET", "/api/threads")).json();
      const [thread] = ThreadPage.parse(page).data;
      const [message] = thread === undefined ? [] : await person.history(thread.id);
      const run = message && (await person.run(message.run_id));
      return run?.status === "running" ? run.id : undefined;
    },
    () => "no run",
  );
}

describe.each(ERAS)("in revision %s", (revision, mode) => {
  it("is spoken, and lists tools with schemas and what they do to the world", async () => {
    const client = await connect(await newPerson(inject("demoUrl")), mode);
    const { tools } = await client.listTools();

    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "run_agent",
        "get_agent_status",
        "list_agents",
        "analyze_workload",
        "optimize_prompt",
        "execute_optimization_pipeline",
        "query_corpus",
        "generate_synthetic_data",
        "create_thread",
        "get_thread_history",
        "get_supply_catalog",
        "usage_summary",
        "portfolio_roi",
      ]),
    );
    expect(tools.map(({ name }) => name)).not.toContain("publish_report");
    for (const { inputSchema, outputSchema, annotations } of tools) {
      expect([inputSchema.type, outputSchema?.type]).toEqual(["object", "object"]);
      expect(annotations?.destructiveHint).toBe(false);
    }
  });

  it("has an agent answer, tells its steps as progress, and keeps it in a thread", async () => {
    const person = await newPerson(inject("demoUrl"));
    const client = await connect(person, mode);
    const steps: string[] = [];
    const result = await client.callTool(
      { name: "run_agent", arguments: { message: "Which model is cheaper?" } },
      { ...CALL, onprogress: ({ message = "" }) => steps.push(message) },
    );
    const answer = RunAnswer.parse(result.structuredContent);
    const status = await client.callTool({
      name: "get_agent_status",
      arguments: { run_id: answer.run_id },
    });
    const history = await client.callTool({
      name: "get_thread_history",
      arguments: { thread_id: answer.thread_id },
    });

    expect(answer.status).toBe("completed");
    expect(result.content).toEqual([{ type: "text", text: answer.final_response }]);
    expect(answer.findings.length).toBeGreaterThan(0);
    expect(steps.some((step) => step.startsWith("Compares all models"))).toBe(true);
    expect(Run.parse(status.structuredContent).final_response).toBe(answer.final_response);
    expect(history.structuredContent).toMatchObject({
      data: [{ role: "user" }, { role: "assistant", content: answer.final_response }],
      next_cursor: null,
    });
  });

  it("cancels the run of a call that its client no longer wants, and the model is hung up on", async () => {
    await scriptModel([{ text: "I begin …", hang: "after_content" }]);
    const before = (await modelRequests()).length;
    const person = await newPerson(inject("openaiUrl"));
    const client = await connect(person, mode);
    const enough = new AbortController();
    const call = client.callTool(LONG, { ...CALL, signal: enough.signal });
    const runId = await runUnderWay(person);
    enough.abort();

    await expect(call).rejects.toThrow();
    expect((await person.ended(runId)).status).toBe("cancelled");
    await eventually(
      async () => ((await modelRequests()).at(before)?.aborted ? true : undefined),
      () => "the request at the model, still open",
    );
  });

  it("takes a client's leaving in the middle for what its revision says that it is", async () => {
    await scriptModel([
      { text: "An answer that takes its time. ".repeat(2), piece: 4, pace_ms: 300 },
    ]);
    const person = await newPerson(inject("openaiUrl"));
    const client = await connect(person, mode);
    const call = client.callTool(LONG, CALL);
    const runId = await runUnderWay(person);
    await Promise.all([client.close(), expect(call).rejects.toThrow()]);

    // With sessions only a word cancels; without them there is no word for it but to leave.
    const status = mode === "legacy" ? "completed" : "cancelled";
    expect((await person.ended(runId)).status).toBe(status);
  });

  it("answers each analysis with its figures, and refuses arguments that do not fit", async () => {
    const client = await connect(await newPerson(inject("demoUrl")), mode);
    const corpus = await client.callTool({
      name: "query_corpus",
      arguments: { dimensions: ["team"], workspace: "sample" },
    });
    const made = await client.callTool({
      name: "generate_synthetic_data",
      arguments: { records: 3 },
    });
    const catalog = await client.callTool({
      name: "get_supply_catalog",
      arguments: { provider: "openai", model: "gpt-5-mini" },
    });
    const wrong = await client.callTool({ name: "query_corpus", arguments: { dimensions: ["x"] } });

    expect(corpus.structuredContent).toMatchObject({ unit: "USD", dimensions: ["team"] });
    expect(made.structuredContent).toMatchObject({ generated: true });
    expect(catalog.structuredContent).toMatchObject({ models: [{ model: "gpt-5-mini" }] });
    expect(wrong.isError).toBe(true);
    expect(JSON.stringify(wrong.content)).toContain("dimensions.0");
  });

  it("gives resources a page at a time, and example questions as prompts", async () => {
    const person = await newPerson(inject("demoUrl"));
    const client = await connect(person, mode);
    const threadId = await person.newThread();
    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();
    const read = await client.readResource({ uri: `apex://threads/${threadId}` });
    const prices = await client.readResource({ uri: "apex://prices/anthropic" });
    const { prompts } = await client.listPrompts();
    const asked = await client.getPrompt({ name: "cut_costs", arguments: { target_pct: "30" } });

    expect(resources.map(({ uri }) => uri)).toEqual([
      "apex://agents",
      "apex://prices",
      `apex://threads/${threadId}`,
    ]);
    expect(resourceTemplates).toHaveLength(3);
    expect(JSON.stringify(read.contents)).toContain(threadId);
    expect(JSON.stringify(prices.contents)).toContain("claude-");
    expect(prompts).toHaveLength(6);
    expect(JSON.stringify(asked.messages)).toContain("by 30 %");
  });

  it("tells another user's thread, run and report from missing ones in no way", async () => {
    const victim = await newPerson(inject("demoUrl"));
    const client = await connect(await newPerson(inject("demoUrl")), mode);
    const threadId = await victim.newThread();
    const callsFor = (id: string) => [
      { name: "run_agent", arguments: { message: "Hello", thread_id: id } },
      { name: "get_thread_history", arguments: { thread_id: id } },
      { name: "get_agent_status", arguments: { run_id: `${id}.1` } },
    ];
    for (const [index, theirs] of callsFor(threadId).entries()) {
      const none = callsFor("01a1fff8-0000-7000-8000-000000000000")[index] ?? theirs;
      const result = await client.callTool(theirs);

      expect(result).toEqual(await client.callTool(none));
      expect(result.isError).toBe(true);
    }
    for (const uri of [`apex://threads/${threadId}`, `apex://runs/${threadId}.1/report`]) {
      await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32602 });
    }
  });

  it("names an unknown tool, prompt and resource as what they are", async () => {
    const client = await connect(await newPerson(inject("demoUrl")), mode);

    await expect(client.callTool({ name: "rm" })).rejects.toMatchObject({ code: -32602 });
    await expect(client.getPrompt({ name: "rm" })).rejects.toMatchObject({ code: -32602 });
    await expect(client.readResource({ uri: "file:///etc/passwd" })).rejects.toMatchObject({
      code: -32602,
    });
  });

  it("offers an API key the tools of its scopes alone", async () => {
    const person = await newPerson(inject("demoUrl"));
    const scopes = ["threads:read", "tools:usage_summary"];
    const made = await person.request("POST", "/api/keys", { name: "MCP", scopes });
    const { key } = z.object({ key: z.string() }).parse(await made.json());
    const credentials = { ...person.credentials, access_token: key };
    const client = await connect({ ...person, credentials }, mode);
    const { tools } = await client.listTools();

    expect(tools.map(({ name }) => name)).toEqual([
      "list_agents",
      "get_thread_history",
      "usage_summary",
    ]);
    await expect(
      client.callTool({ name: "run_agent", arguments: { message: "Hello" } }),
    ).rejects.toThrow("runs:write");
  });
});
