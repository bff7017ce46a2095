/** What the MCP door offers, by its official client in both living revisions: figures, resources and prompts, each to its own. */
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { SAMPLE_NOTICE } from "../../../src/core/sample-notice.ts";
import { newPerson } from "../../e2e/person.ts";
import { connect, ERAS } from "./official.ts";

describe.each(ERAS)("in revision %s", (_revision, mode) => {
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

    // A host may show the text alone: nobody is to take the sample company's figures for their own.
    const whole = await client.callTool({
      name: "analyze_workload",
      arguments: { workspace: "sample" },
    });
    for (const { content } of [corpus, whole]) {
      expect(content).toMatchObject([{ text: expect.stringMatching(`^${SAMPLE_NOTICE}`) }]);
    }
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
