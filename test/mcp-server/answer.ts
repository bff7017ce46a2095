/** What a small MCP server of the era of 2025-11-25 answers: a pure function of what it is asked. */
import { z } from "zod";

const Asked = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z
    .looseObject({ name: z.string().optional(), arguments: z.unknown().optional() })
    .default({}),
});
type Asked = z.infer<typeof Asked>;

/** A tool as such a server lists it. */
export interface ScriptedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
}

export const ECHO: ScriptedTool = {
  name: "echo",
  description: "Says again what it is told.",
  inputSchema: { type: "object", properties: { message: { type: "string" } } },
};

/** What it gives for a call. */
export type Call = (name: string, args: unknown) => object;

/** @returns what it says; null where nothing is to be said. */
export function answerMcp(
  body: unknown,
  tools: readonly ScriptedTool[],
  call: Call = (_, args) => ({ content: [{ type: "text", text: JSON.stringify(args) }] }),
): object | null {
  const asked = Asked.parse(body);
  if (asked.id === undefined) return null;
  const result = resultOf(asked, tools, call);
  const told = result ?? { error: { code: -32601, message: `There is no ${asked.method}` } };
  return { jsonrpc: "2.0", id: asked.id, ...told };
}

/** @returns the method that a body asks for. */
export function methodOf(body: unknown): string {
  return Asked.parse(body).method;
}

/** @returns the id that its answer has to carry. */
export function idOf(body: unknown): string | number | undefined {
  return Asked.parse(body).id;
}

function resultOf({ method, params }: Asked, tools: readonly ScriptedTool[], call: Call) {
  switch (method) {
    case "initialize":
      return {
        result: {
          protocolVersion: "2025-11-25",
          capabilities: { tools: {} },
          serverInfo: { name: "scripted", version: "1.0.0" },
        },
      };
    case "tools/list":
      return { result: { tools } };
    case "tools/call":
      return { result: call(params.name ?? "", params.arguments) };
    default:
      return null;
  }
}
