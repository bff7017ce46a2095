/** One run, and the official clients of five protocols at it at once: one text, and one end for all. */
import { randomUUID } from "node:crypto";
import type OpenAI from "openai";
import { describe, expect, inject, test } from "vitest";
import { RunAnswer } from "../../src/doors/mcp/tools/follow-call.ts";
import type { RunId, ThreadId } from "../../src/protocol/ids.ts";
import { modelRequests, scriptModel } from "../e2e/model-script.ts";
import type { Person } from "../e2e/person.ts";
import { eventually } from "../e2e/within.ts";
import { clientOf, fold, heard } from "./a2a/official.ts";
import { agentOf, answerOf } from "./ag-ui/agents.ts";
import { shown, textOf, transportOf } from "./ai-sdk/official.ts";
import { connect } from "./mcp/official.ts";
import { newCaller } from "./openai/official.ts";

const QUESTION = "Where does our money go, by team?";
const ANSWER = `${"Most of the money goes to the team search, as the records say. ".repeat(4)}Done.`;
/** Long enough that all of them are there before it ends. */
const SLOW = { text: ANSWER, piece: 4, pace_ms: 80 };

/** Everybody at one run: what each of them shows once it has ended. */
async function everybodyAt(person: Person, openai: OpenAI) {
  const threadId = await person.newThread();
  const socket = await socketAt(person, threadId);
  const mcp = await connect(person, "legacy");
  const asked = { message: QUESTION, thread_id: threadId, client_message_id: randomUUID() };
  const called = mcp.callTool({ name: "run_agent", arguments: asked }, { timeout: 60_000 });
  const runId = await eventually(
    () => socket.run()?.id,
    () => "no run",
  );
  const agUi = agentOf(person, {
    threadId,
    messages: [{ id: asked.client_message_id, role: "user", content: QUESTION }],
  });
  const a2a = await clientOf(person);
  const joined = {
    openai: responseText(openai, runId),
    agUi: agUi.goOn(),
    a2a: heard(a2a.resubscribeTask({ tenant: "", id: runId })),
    aiSdk: transportOf(person).reconnectToStream({ chatId: threadId }),
  };
  await agUi.heard("TEXT_MESSAGE_CONTENT");

  return {
    runId,
    threadId,
    cancel: () => a2a.cancelTask({ tenant: "", id: runId, metadata: undefined }),
    async texts(): Promise<Record<string, string>> {
      const stream = await joined.aiSdk;
      if (stream === null) throw new Error("The AI SDK found nothing under way.");
      const aiSdk = textOf(await shown(stream));
      const { final_response } = RunAnswer.parse((await called).structuredContent);
      await joined.agUi;
      expect(agUi.failures).toEqual([]);
      return {
        aiSdk,
        mcp: final_response ?? "",
        openai: await joined.openai,
        agUi: answerOf(agUi.messages()),
        a2a: fold(await joined.a2a).answer,
        socket: await socket.text(),
      };
    },
  };
}

/** The native socket on a thread: the first run that it sees, and its text once it has ended. */
async function socketAt(person: Person, threadId: ThreadId) {
  const client = await person.client();
  const connection = client.connect(threadId);
  const run = () => Object.values(connection.view.runs)[0];
  return {
    run,
    text: () =>
      eventually(
        () => {
          const answer = connection.view.messages.find(({ role }) => role === "assistant");
          if (answer === undefined || answer.status === "streaming") return undefined;
          connection.close();
          return answer.text;
        },
        () => JSON.stringify(connection.view.messages),
      ),
  };
}

/** What OpenAI's client hears of the run as a response that is under way. */
async function responseText(openai: OpenAI, runId: RunId): Promise<string> {
  const stream = await openai.responses.retrieve(`resp_${runId}`, { stream: true });
  let text = "";
  for await (const event of stream) {
    if (event.type === "response.output_text.delta") text += event.delta;
  }
  return text;
}

describe("a run that is begun by MCP, and followed at four doors and a socket", () => {
  test("tells all of them the same text, and asks the model once", async () => {
    await scriptModel([SLOW]);
    const before = (await modelRequests()).length;
    const { person, openai } = await newCaller(inject("openaiUrl"));
    const texts = await (await everybodyAt(person, openai)).texts();

    expect(new Set(Object.values(texts))).toEqual(new Set([ANSWER]));
    expect(Object.keys(texts)).toHaveLength(6);
    expect(await modelRequests()).toHaveLength(before + 1);
  });

  test("ends for all of them when one cancels, with what was said by then", async () => {
    await scriptModel([SLOW]);
    const { person, openai } = await newCaller(inject("openaiUrl"));
    const everybody = await everybodyAt(person, openai);
    await everybody.cancel();
    const texts = await everybody.texts();
    const run = await person.run(everybody.runId);

    expect(run.status).toBe("cancelled");
    expect(run.final_response).not.toBe("");
    expect(ANSWER.startsWith(run.final_response ?? "-")).toBe(true);
    expect(new Set(Object.values(texts))).toEqual(new Set([run.final_response]));
  });
});
