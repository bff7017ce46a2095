/** What the model server answers without a script: just enough of a model for a whole run. */
import { z } from "zod";
import { type CompletionRequest, Step } from "./step.ts";

const Summarised = z.object({ summary: z.string() });

/** @returns a call of `usage_summary` (or the first tool), and an answer once its result is there. */
export function defaultStep({ messages, tools }: CompletionRequest): Step {
  const asked = messages.findLastIndex(({ role }) => role === "user");
  const results = messages.slice(asked + 1).filter(({ role }) => role === "tool");
  if (results.length > 0) {
    const said = results.map(({ content }) => summaryOf(String(content)));
    return Step.parse({ text: `Here is what the records say. ${said.join(" ")}` });
  }
  const names = tools.map((tool) => tool.function.name);
  const name = names.includes("usage_summary") ? "usage_summary" : names[0];
  if (name === undefined) {
    return Step.parse({ text: `You said: ${String(messages[asked]?.content ?? "nothing")}` });
  }
  const reasoning = `The question is about the use of models, so ${name} computes the figures before I answer.`;
  return Step.parse({ reasoning, tool_calls: [{ name, arguments: {} }] });
}

function summaryOf(content: string): string {
  try {
    return Summarised.parse(JSON.parse(content)).summary;
  } catch {
    return content;
  }
}
