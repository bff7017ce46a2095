/** What the model server answers without a script: just enough of a model for a whole run. */
import { z } from "zod";
import { type CompletionRequest, Step } from "./step.ts";

const Summarised = z.object({ summary: z.string() });

/** A question that says "echo this" has the model carry it into the tool's arguments, and into its answer. */
const ECHO = /\becho (\S+)/;

/** A question that says this is answered by `cost_breakdown`, whose result names each feature. */
const BY_FEATURE = /\bby feature\b/;

/** @returns a call of `usage_summary` (or the first tool), and an answer once its result is there. */
export function defaultStep({ messages, tools }: CompletionRequest): Step {
  const asked = messages.findLastIndex(({ role }) => role === "user");
  const [, echoed] = ECHO.exec(String(messages[asked]?.content)) ?? [];
  const results = messages.slice(asked + 1).filter(({ role }) => role === "tool");
  if (results.length > 0) {
    const said = results.map(({ content }) => summaryOf(String(content)));
    const echo = echoed === undefined ? "" : ` You said ${echoed}.`;
    return Step.parse({ text: `Here is what the records say. ${said.join(" ")}${echo}` });
  }
  const names = tools.map((tool) => tool.function.name);
  if (BY_FEATURE.test(String(messages[asked]?.content)) && names.includes("cost_breakdown")) {
    const call = { name: "cost_breakdown", arguments: { dimensions: ["feature"] } };
    return Step.parse({ reasoning: "What was spent, by feature.", tool_calls: [call] });
  }
  const name = names.includes("usage_summary") ? "usage_summary" : names[0];
  if (name === undefined) {
    return Step.parse({ text: `You said: ${String(messages[asked]?.content ?? "nothing")}` });
  }
  const reasoning = `The question is about the use of models, so ${name} computes the figures before I answer.`;
  const given = echoed === undefined ? {} : { filters: { user: echoed } };
  return Step.parse({ reasoning, tool_calls: [{ name, arguments: given }] });
}

function summaryOf(content: string): string {
  try {
    return Summarised.parse(JSON.parse(content)).summary;
  } catch {
    return content;
  }
}
