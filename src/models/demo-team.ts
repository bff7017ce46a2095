/** The demo as a part of the team: it has its tools compute, then hands on what they said. */

import type { ModelMessage } from "../core/model.ts";
import { readBrief } from "../core/team/brief.ts";
import { actionFindings } from "./demo-actions.ts";
import { dataFindings } from "./demo-data.ts";
import { dataNeeds } from "./demo-data-helper.ts";
import { optimizationFindings } from "./demo-optimization.ts";
import { argumentsFor, type DemoTurn, type OfferedTools, whyUncalled } from "./demo-plan.ts";
import { readQuestion } from "./demo-question.ts";
import { reportTurn } from "./demo-report.ts";
import { type DemoResult, type PartScene, resultsOf } from "./demo-results.ts";
import { triageFindings } from "./demo-triage.ts";

interface Play {
  /** The tools that it wants to call, in order. */
  readonly tools: readonly string[];
  /** What it hands on. */
  readonly findings: (scene: PartScene) => object;
}

const PLAYS: Readonly<Record<string, Play>> = {
  triage: { tools: ["usage_summary"], findings: triageFindings },
  data: {
    tools: [
      "usage_summary",
      "cost_breakdown",
      "latency_percentiles",
      "error_retry_waste",
      "spend_forecast",
      "anomaly_scan",
    ],
    findings: dataFindings,
  },
  optimization: {
    tools: [
      "portfolio_roi",
      "prompt_cache_opportunity",
      "duplicate_response_opportunity",
      "batch_opportunity",
      "rightsize_simulate",
      "trim_opportunity",
    ],
    findings: optimizationFindings,
  },
  actions: { tools: ["action_plan"], findings: actionFindings },
  "data-helper": { tools: [], findings: dataNeeds },
};

/** @returns the turn of a part of the team, or null where the conversation is no part's. */
export function teamTurn(
  messages: readonly ModelMessage[],
  offered: OfferedTools,
): DemoTurn | null {
  const brief = readBrief(messages);
  if (brief === null) return null;
  const play = PLAYS[brief.part];
  const question = readQuestion([brief.focus ?? brief.request]);
  if (play === undefined) return reportTurn(brief);
  const results = resultsOf(messages);
  const wanted = play.tools.map((name) => ({ name, args: argumentsFor(name, question, offered) }));
  const calls = wanted.flatMap(({ name, args }) =>
    args === null ? [] : { name, arguments: JSON.stringify(args) },
  );
  const uncalled = wanted.flatMap(({ name, args }) =>
    args === null ? { tool: name, why: whyUncalled(name, offered) } : [],
  );
  if (calls.length > 0 && results.length === 0) {
    const missing = uncalled.map(({ why }) => ` ${why}`).join("");
    const reasoning = `As the ${brief.part} agent I read the request “${brief.request.slice(0, 120)}” and have it computed by ${calls.map(({ name }) => name).join(", ")}.${missing}`;
    return { reasoning: [reasoning], calls, text: "" };
  }
  const findings = play.findings({ brief, question, results, uncalled });
  return {
    reasoning: [reasoningOf(brief.part, results)],
    calls: [{ name: submissionIn(offered), arguments: JSON.stringify(findings) }],
    text: "",
  };
}

function submissionIn(offered: OfferedTools): string {
  return offered.find(({ name }) => name.startsWith("submit_"))?.name ?? "submit";
}

function reasoningOf(part: string, results: readonly DemoResult[]): string {
  const given = results.filter(({ summary }) => summary !== null).map(({ tool }) => tool);
  const gave = given.length > 0 ? `${given.join(", ")} gave figures` : "no tool gave a figure";
  return `As the ${part} agent I hand on my findings now: ${gave}, and I add none of my own.`;
}
