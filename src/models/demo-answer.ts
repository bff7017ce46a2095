/** The demo's second turn: what the tools said, put together, and not a figure more. */
import * as z from "zod";
import type { ModelMessage } from "../core/model.ts";
import { type DemoTurn, SIGNATURE } from "./demo-plan.ts";
import { TOPICS } from "./demo-question.ts";

const Summary = z.object({ summary: z.string().trim().min(1) });
const Failure = z.object({ error: z.object({ detail: z.string().trim().min(1) }) });

interface Section {
  readonly tool: string;
  readonly computed: boolean;
  readonly text: string;
}

/** @returns the answer from the tool results after the newest question, or null where there are none. */
export function answerTurn(messages: readonly ModelMessage[]): DemoTurn | null {
  const turn = messages.slice(messages.findLastIndex(({ role }) => role === "user") + 1);
  const names = new Map(
    turn.flatMap((message) =>
      message.role === "assistant" ? message.toolCalls.map(({ id, name }) => [id, name]) : [],
    ),
  );
  // Only the tool role counts: whatever a person writes, it is no result.
  const sections = turn.flatMap((message) =>
    message.role === "tool"
      ? [toSection(names.get(message.callId) ?? "a tool", message.content)]
      : [],
  );
  if (sections.length === 0) return null;
  const body = sections.map(({ tool, text }) => `### ${titleOf(tool)}\n\n${text}`);
  return {
    reasoning: [reasoningOf(sections)],
    calls: [],
    text: [...body, `**Next step:** ${nextStep(sections)}`, SIGNATURE].join("\n\n"),
  };
}

function toSection(tool: string, content: string): Section {
  const result = parseJson(content);
  const success = Summary.safeParse(result);
  if (success.success) return { tool, computed: true, text: success.data.summary };
  const failure = Failure.safeParse(result);
  const why = failure.success ? failure.data.error.detail : "Its result could not be read.";
  return { tool, computed: false, text: `This figure is missing: ${tool} did not give it. ${why}` };
}

function reasoningOf(sections: readonly Section[]): string {
  const list = (computed: boolean) =>
    sections.filter((section) => section.computed === computed).map(({ tool }) => tool);
  const [given, missing] = [list(true), list(false)];
  return [
    ...(given.length > 0 ? [`${given.join(" and ")} gave figures, so I restate them.`] : []),
    ...(missing.length > 0
      ? [`${missing.join(" and ")} gave none, so I say what is missing.`]
      : []),
    "I add no figure of my own, and close with the next question worth asking.",
  ].join(" ");
}

function nextStep(sections: readonly Section[]): string {
  if (sections.some(({ computed }) => !computed)) {
    return "ask again for what is missing; if it stays away, ask for fewer days or without a filter.";
  }
  const seen = sections.map(({ tool }) => tool);
  if (!seen.includes("cost_breakdown")) {
    return 'see where the money goes: ask "what do we spend by feature?"';
  }
  if (!seen.includes("model_comparison")) {
    return 'see whether the work costs less elsewhere: ask "which model is cheaper?"';
  }
  return "take the largest part of the cost above, and ask for that part by model or by day.";
}

function titleOf(tool: string): string {
  return TOPICS.find((topic) => topic.tool === tool)?.title ?? tool;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
