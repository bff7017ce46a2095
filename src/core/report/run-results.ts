/** What a run found, read from its checkpoints: the same wherever and whenever it is read. */
import type { RunResults } from "../../protocol/entities.ts";
import type { Problem } from "../../protocol/problem.ts";
import type { AgentPart } from "../../protocol/report.ts";
import {
  type EndStep,
  findingsOf,
  groundingOf,
  type Step,
  stepsOf,
  toolStepsOf,
} from "../checkpoint.ts";
import { outcomeOf } from "./outcome.ts";
import { reportOf } from "./report.ts";
import { ToolResults } from "./tool-results.ts";

/** @param agent the run's own. */
export function resultsOf(steps: readonly Step[], end: EndStep, agent: string): RunResults {
  const results = new ToolResults(steps);
  const outcome = outcomeOf(results);
  const agents = agentsOf(steps, end, agent);
  return {
    findings: findingsOf(steps),
    grounding: groundingOf(steps),
    outcome,
    report: reportOf(results, outcome, { agents, endedAt: end.at }),
  };
}

/** What the run's own agent did, then each part of its team. */
function agentsOf(steps: readonly Step[], end: EndStep, agent: string): AgentPart[] {
  const own = end.status === "completed" ? "completed" : "failed";
  return [
    partOf(agent, own, stepsOf(steps, null), end.problem),
    ...steps.flatMap((step) => {
      if (step.kind !== "part") return [];
      return partOf(step.part, step.status, stepsOf(steps, step.part), step.problem);
    }),
  ];
}

function partOf(
  agent: string,
  status: AgentPart["status"],
  steps: readonly Step[],
  problem: Problem | null,
): AgentPart {
  const calls = toolStepsOf(steps);
  const names = [...new Set(calls.map(({ name }) => name))];
  const called = names.length === 0 ? "Called no tool." : `Called ${names.join(", ")}.`;
  const summary = status === "skipped" ? "Left out, as what it builds on is missing." : called;
  return {
    agent,
    status,
    summary: problem === null ? summary : `${summary} ${problem.detail}`,
    tool_calls: calls.length,
  };
}
