/** The ids that JSON-RPC carries to the doors, of which the OpenAPI document tells nothing. */
import { z } from "zod";
import { ask } from "../worker/http/ask.ts";
import { type IdPlace, placesIn } from "./id-places.ts";
import type { Operation, Schema } from "./operations.ts";

/** A request with one id in it. */
export interface Attempt {
  readonly operation: Operation;
  readonly place: IdPlace;
}

/** What clients of MCP say that they understand. */
export const ACCEPT = { accept: "application/json, text/event-stream" };

function operationOf(operations: readonly Operation[], path: string): Operation {
  const found = operations.find((each) => each.name === `POST ${path}`);
  if (found === undefined) throw new Error(`the document does not tell of ${path}`);
  return found;
}

/** @returns what A2A takes ids in. */
export function agentCalls(operations: readonly Operation[]): Attempt[] {
  const operation = operationOf(operations, "/a2a");
  const message = {
    kind: "message",
    messageId: "message-1",
    role: "user",
    parts: [{ kind: "text", text: "Which model is cheaper?" }],
  };
  const call = (method: string, params: object) => ({ jsonrpc: "2.0", id: 1, method, params });
  const within = (field: string) => ({
    field,
    at: `body.params.message.${field}`,
    put: (id: string) => call("message/send", { message: { ...message, [field]: id } }),
  });
  const about = (method: string) => ({
    field: `${method} id`,
    at: "body.params.id",
    put: (id: string) => call(method, { id }),
  });
  const tasks = ["tasks/get", "tasks/cancel", "tasks/resubscribe"].map(about);
  return [within("contextId"), within("taskId"), ...tasks].map((place) => ({ operation, place }));
}

/** @returns what the tools of MCP take ids in, as their own schemas tell. */
export async function toolCalls(
  operations: readonly Operation[],
  token: string,
): Promise<Attempt[]> {
  const operation = operationOf(operations, "/mcp");
  const body = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  const listed = await ask("/mcp", { token, body, headers: ACCEPT });
  const { tools } = Listed.parse(jsonIn(await listed.text())).result;
  return tools.flatMap(({ name: tool, inputSchema }) =>
    placesIn(inputSchema, undefined, "body.params.arguments").map((place) => ({
      operation,
      place: { ...place, put: (id: string) => toolCall(tool, place.put(id)) },
    })),
  );
}

const Listed = z.object({
  result: z.object({
    tools: z.array(z.object({ name: z.string(), inputSchema: z.custom<Schema>() })),
  }),
});

function toolCall(tool: string, given: unknown) {
  const params = { name: tool, arguments: given };
  return { jsonrpc: "2.0", id: 1, method: "tools/call", params };
}

/** @returns the JSON of an answer, plain or the first of a stream. */
function jsonIn(text: string): unknown {
  const data = /^data: (\{.*)$/m.exec(text)?.[1];
  return JSON.parse(data ?? text);
}
