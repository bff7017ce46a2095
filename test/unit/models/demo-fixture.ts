/** The demo model under test: asked over the schemas of the real tools. */
import { expect } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import type { ModelMessage, ModelRequest } from "../../../src/core/model.ts";
import { demoModel } from "../../../src/models/demo.ts";
import { toolCatalog } from "../../../src/tools/catalog.ts";
import { absentStore, absentWorkspaces } from "../usage/absent-store.ts";
import { join, only, read, requestOf } from "./fixture.ts";

export const tools = toolCatalog({
  usage: absentStore(),
  workspaces: absentWorkspaces(),
  clock: systemClock,
});
export const model = demoModel({ paceMs: 0, clock: systemClock });

export const user = (content: string): ModelMessage => ({ role: "user", content });
export const said = (content: string): ModelMessage => ({
  role: "assistant",
  content,
  toolCalls: [],
});

export async function ask(
  messages: readonly ModelMessage[],
  offered: ModelRequest["tools"] = tools,
) {
  const { chunks, error } = await read(
    model,
    requestOf({ model: "demo", messages, tools: offered }),
  );
  expect(error).toBeUndefined();
  const calls = only(chunks, "tool_call").map(({ call }) => call);
  return {
    chunks,
    text: join(chunks, "text"),
    reasoning: only(chunks, "reasoning").map((chunk) => chunk.text),
    calls: Object.fromEntries(calls.map((call) => [call.name, JSON.parse(call.arguments)])),
    finish: chunks.at(-1),
  };
}
