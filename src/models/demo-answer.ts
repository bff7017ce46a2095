/** The demo's second turn: what the tools said, put together, and not a figure more. */
import type { ModelMessage } from "../core/model.ts";
import { isOfSample } from "../core/sample-notice.ts";
import { type DemoTurn, SIGNATURE } from "./demo-plan.ts";
import { type DemoResult, resultsOf } from "./demo-results.ts";
import { TOPICS } from "./demo-topics.ts";

/** What an answer over made-up records begins with. */
export const OF_SAMPLE =
  "**These are not your figures**: your workspace's own records were not used. The records are made up, those of a sample company.";

/** @returns the answer from the tool results after the newest question, or null where there are none. */
export function answerTurn(messages: readonly ModelMessage[]): DemoTurn | null {
  const results = resultsOf(messages);
  if (results.length === 0) return null;
  const body = results.map((result) => `### ${titleOf(result.tool)}\n\n${textOf(result)}`);
  return {
    reasoning: [reasoningOf(results)],
    calls: [],
    text: [
      ...(results.some(({ content }) => isOfSample(content)) ? [OF_SAMPLE] : []),
      ...body,
      `**Next step:** ${nextStep(results)}`,
      SIGNATURE,
    ].join("\n\n"),
  };
}

function textOf({ tool, summary, failure }: DemoResult): string {
  return summary ?? `This figure is missing: ${tool} did not give it. ${failure}`;
}

function reasoningOf(results: readonly DemoResult[]): string {
  const list = (computed: boolean) =>
    results.filter(({ summary }) => (summary !== null) === computed).map(({ tool }) => tool);
  const [given, missing] = [list(true), list(false)];
  return [
    ...(given.length > 0 ? [`${given.join(" and ")} gave figures, so I restate them.`] : []),
    ...(missing.length > 0
      ? [`${missing.join(" and ")} gave none, so I say what is missing.`]
      : []),
    "I add no figure of my own, and close with the next question worth asking.",
  ].join(" ");
}

function nextStep(results: readonly DemoResult[]): string {
  if (results.some(({ summary }) => summary === null)) {
    return "ask again for what is missing; if it stays away, ask for fewer days or without a filter.";
  }
  const seen = results.map(({ tool }) => tool);
  if (!seen.includes("cost_breakdown")) {
    return 'see where the money goes: ask "what do we spend by feature?"';
  }
  if (!seen.includes("model_comparison")) {
    return 'see whether the work costs less elsewhere: ask "which model is cheaper?"';
  }
  return "take the largest part of the cost above, and ask for that part by model or by day.";
}

/** @returns what the results of a tool are headed with. */
export function titleOf(tool: string): string {
  return TOPICS.find((topic) => topic.tool === tool)?.title ?? tool;
}
