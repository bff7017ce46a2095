/** The team: which agents there are, who answers by default, and how one sets out to work. */
import { actions } from "./actions.ts";
import type { Agent } from "./agent.ts";
import { data } from "./data.ts";
import { dataHelper } from "./data-helper.ts";
import { optimization } from "./optimization.ts";
import { reporting } from "./reporting.ts";
import { supervisor } from "./supervisor.ts";
import { triage } from "./triage.ts";

const AGENTS: readonly Agent[] = [
  supervisor,
  triage,
  dataHelper,
  data,
  optimization,
  actions,
  reporting,
];

/** The agent of a run whose message names none. */
export const DEFAULT_AGENT: Agent = supervisor;

/** Every agent's name, the default first. */
export const AGENT_NAMES: readonly string[] = AGENTS.map(({ name }) => name);

/** @returns the agent of that name, or undefined where there is none. */
export function findAgent(name: string): Agent | undefined {
  return AGENTS.find((agent) => agent.name === name);
}

/**
 * @param toolNames the tools that exist in this deployment; of them the agent uses its own.
 * @returns the work ahead as `agent_started` tells it, one sentence a step.
 */
export function plan(agent: Agent, toolNames: readonly string[]): string[] {
  const tools = agent.tools.filter((name) => toolNames.includes(name));
  const either = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(tools);
  return [
    "Settle what the message asks for and which figures would answer it.",
    tools.length > 0
      ? `Call ${either} where the answer needs figures from the usage records.`
      : "Say which figures are out of reach, as no tool is at hand to compute them.",
    ...(agent.handsOffTo.length > 0
      ? ["Give the work to the team where savings, an analysis or a plan are asked for."]
      : []),
    `Answer as the ${agent.name} agent, which ${agent.role}, from the tool results alone.`,
  ];
}
