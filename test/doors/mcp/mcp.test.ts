/** The MCP door by its official client, in both living revisions: agents that are asked, left, cancelled and found again. */
import { describe, expect, inject, it } from "vitest";
import { RunAnswer } from "../../../src/doors/mcp/tools/follow-call.ts";
import { ThreadPage } from "../../../src/protocol/api.ts";
import { Run } from "../../../src/protocol/entities.ts";
import { type RunId, ThreadId } from "../../../src/protocol/ids.ts";
import { modelRequests, scriptModel } from "../../e2e/model-script.ts";
import { newPerson, type Person } from "../../e2e/person.ts";
import { eventually } from "../../e2e/within.ts";
import { connect, ERAS } from "./official.ts";

const CALL = { timeout: 60_000 };
const none = ThreadId.parse("none");
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

  it("finds the run of a call that was left, under the id that it was made with", async () => {
    await scriptModel([{ text: "Slowly but surely the answer comes.", piece: 4, pace_ms: 100 }]);
    const before = (await modelRequests()).length;
    const person = await newPerson(inject("openaiUrl"));
    const thread_id = await person.newThread();
    const again = {
      name: "run_agent",
      arguments: { message: "Well?", thread_id, client_message_id: `call-${revision}` },
    };
    const [left, right] = [await connect(person, mode), await connect(person, mode)];
    const begun = left.callTool({ ...again, arguments: { ...again.arguments, wait: false } }, CALL);
    const { run_id } = RunAnswer.parse((await begun).structuredContent);
    await left.close();
    const { run_id: found, final_response } = RunAnswer.parse(
      (await right.callTool(again, CALL)).structuredContent,
    );

    expect([found, final_response]).toEqual([run_id, "Slowly but surely the answer comes."]);
    expect(await modelRequests()).toHaveLength(before + 1);
  });

  it("is said once under its id, also where it names no thread", async () => {
    const person = await newPerson(inject("demoUrl"));
    const client = await connect(person, mode);
    const asked = { message: "Hello", client_message_id: "hello", wait: false };
    const calls = [1, 2].map(() => client.callTool({ name: "run_agent", arguments: asked }, CALL));
    const runs = (await Promise.all(calls)).map(
      ({ structuredContent }) => RunAnswer.parse(structuredContent).run_id,
    );
    const refused = await client.callTool({
      name: "run_agent",
      arguments: { ...asked, message: "Something else" },
    });

    expect(new Set(runs).size).toBe(1);
    expect(JSON.stringify(refused.content)).toContain("idempotency_conflict");
  });

  it("tells why a run failed, as an answer that its caller can read", async () => {
    await scriptModel([{ status: 401 }]);
    const client = await connect(await newPerson(inject("openaiUrl")), mode);
    const { structuredContent } = await client.callTool(LONG, CALL);

    expect(RunAnswer.parse(structuredContent)).toMatchObject({
      status: "failed",
      problem: { code: "model_rejected" },
    });
  });

  it("serves two users at once, each in a thread of their own", async () => {
    const people = await Promise.all([1, 2].map(() => newPerson(inject("demoUrl"))));
    const said = ["How many requests last week?", "Which model is cheaper?"];
    const answers = await Promise.all(
      people.map(async (person, index) => {
        const client = await connect(person, mode);
        const asked = { name: "run_agent", arguments: { message: said[index] } };
        return RunAnswer.parse((await client.callTool(asked, CALL)).structuredContent);
      }),
    );
    for (const [index, person] of people.entries()) {
      const { thread_id = none } = answers[index] ?? {};
      const { thread_id: other = none } = answers[1 - index] ?? {};
      expect((await person.history(thread_id))[0]?.content).toBe(said[index]);
      expect((await person.request("GET", `/api/threads/${other}`)).status).toBe(404);
    }
  });
});
