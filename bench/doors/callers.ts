/** One turn at each door by its official client: asked in a new thread, read to its end. */
import { randomUUID } from "node:crypto";
import { HttpAgent } from "@ag-ui/client";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { EventSourceParserStream } from "eventsource-parser/stream";
import OpenAI from "openai";
import type { ApexClient } from "../../src/client/index.ts";
import { ServerFrame } from "../../src/protocol/events.ts";
import type { ThreadId } from "../../src/protocol/ids.ts";
import { asking, clientOf, fold } from "../../test/doors/a2a/official.ts";
import { answerOf } from "../../test/doors/ag-ui/agents.ts";
import { asked, shown, textOf, transportOf } from "../../test/doors/ai-sdk/official.ts";
import type { Person } from "../../test/e2e/person.ts";

const MODEL = "apex-supervisor";

/** Asks, tells when the first text came, and gives the whole text. */
export type Caller = (question: string, onText: () => void) => Promise<string>;

/**
 * @param stack closes what stands open: a socket would dial a product that has stopped without end.
 * @returns a caller for each door, by its name; the native socket comes first.
 */
export async function callersOf(
  person: Person,
  stack: AsyncDisposableStack,
): Promise<readonly (readonly [name: string, call: Caller])[]> {
  const apiKey = person.credentials.access_token;
  const headers = { authorization: `Bearer ${apiKey}` };
  const sdk = await person.client();
  const openai = new OpenAI({ baseURL: `${person.url}/v1`, apiKey, maxRetries: 0 });
  const a2a = await clientOf(person);
  const mcp = new Client({ name: "bench", version: "1" });
  await mcp.connect(
    new StreamableHTTPClientTransport(new URL(`${person.url}/mcp`), { requestInit: { headers } }),
  );
  stack.defer(() => mcp.close());
  const socket = socketOf(sdk, await person.newThread());
  stack.defer(() => socket.close());
  return [
    ["native socket", (question, onText) => socket.ask(question, onText)],
    [
      "native socket, dialled anew",
      async (question, onText) => {
        const fresh = socketOf(sdk, await person.newThread());
        const text = await fresh.ask(question, onText);
        fresh.close();
        return text;
      },
    ],
    [
      "POST /api/chat/stream",
      async (question, onText) => {
        const said = { content: question };
        const { body, status } = await person.request("POST", "/api/chat/stream", said);
        if (body === null || status !== 200) throw new Error(`The stream was answered ${status}.`);
        let text = "";
        for await (const { data } of body
          .pipeThrough(new TextDecoderStream())
          .pipeThrough(new EventSourceParserStream())) {
          const frame = ServerFrame.parse(JSON.parse(data));
          if (frame.type === "message_delta") onText();
          if (frame.type === "agent_completed") text = frame.data.final_response;
        }
        return text;
      },
    ],
    [
      "OpenAI chat completions",
      async (question, onText) => {
        const messages = [{ role: "user" as const, content: question }];
        let text = "";
        const stream = await openai.chat.completions.create({
          model: MODEL,
          messages,
          stream: true,
        });
        for await (const { choices } of stream) {
          const piece = choices[0]?.delta.content ?? "";
          if (piece !== "") onText();
          text += piece;
        }
        return text;
      },
    ],
    [
      "OpenAI responses",
      async (question, onText) => {
        let text = "";
        for await (const event of await openai.responses.create({
          model: MODEL,
          input: question,
          stream: true,
        })) {
          if (event.type !== "response.output_text.delta") continue;
          onText();
          text += event.delta;
        }
        return text;
      },
    ],
    [
      "AG-UI",
      async (question, onText) => {
        const agent = new HttpAgent({
          url: `${person.url}/ag-ui`,
          headers,
          threadId: randomUUID(),
        });
        agent.addMessage({ id: randomUUID(), role: "user", content: question });
        await agent.runAgent({}, { onTextMessageContentEvent: onText });
        return answerOf(agent.messages);
      },
    ],
    [
      "AI SDK chat",
      async (question, onText) => {
        const stream = await transportOf(person).sendMessages({
          trigger: "submit-message",
          chatId: randomUUID(),
          messageId: undefined,
          messages: [asked(question)],
          abortSignal: undefined,
        });
        const noting = new TransformStream({
          transform(chunk, controller) {
            if (chunk.type === "text-delta") onText();
            controller.enqueue(chunk);
          },
        });
        return textOf(await shown(stream.pipeThrough(noting)));
      },
    ],
    [
      "A2A message/stream",
      async (question, onText) => {
        const told = [];
        for await (const each of a2a.sendMessageStream(asking(question))) {
          if (each.payload?.$case === "artifactUpdate") onText();
          told.push(each);
        }
        return fold(told).answer;
      },
    ],
    [
      "MCP run_agent",
      async (question, onText) => {
        const call = { name: "run_agent", arguments: { message: question } };
        const { content } = await mcp.callTool(call);
        onText();
        const [first] = content;
        return first?.type === "text" ? first.text : "";
      },
    ],
  ];
}

/** A thread's socket, which is asked one thing after another. */
function socketOf(sdk: ApexClient, threadId: ThreadId) {
  let hear: (frame: ServerFrame) => void = () => undefined;
  const connection = sdk.connect(threadId, { onFrame: (frame) => hear(frame) });
  return {
    close: () => connection.close(),
    async ask(question: string, onText: () => void): Promise<string> {
      const ended = Promise.withResolvers<string>();
      hear = (frame) => {
        if (frame.type === "message_delta") onText();
        if (frame.type === "agent_completed") ended.resolve(frame.data.final_response);
      };
      await connection.send(question);
      return await ended.promise;
    },
  };
}
