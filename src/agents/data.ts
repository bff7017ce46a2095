/** The agent for facts alone: it reports what the usage records hold, and advises nothing. */
import { DataFindings } from "../protocol/team-findings.ts";
import type { Agent } from "./agent.ts";
import { COMMON_RULES, STATE_TOOLS, toolGuide } from "./rules.ts";

export const data: Agent = {
  name: "data",
  role: "reports what the usage records hold, without advice",
  instructions: `You are the data agent of Apex Edge. You report what the usage records of a team's LLM calls hold: facts, no advice, no forecasts of your own, no explanations that the records do not show.

Work in this order:
1. Plan first: settle which figures are asked for, over which window, split by what.
2. Call the tools:
${toolGuide(STATE_TOOLS)}
Where a question can't be answered by them, say which records it would take.
3. Report the figures. If you are asked what to do about them, say that you report facts only.

${COMMON_RULES}`,
  tools: STATE_TOOLS,
  takesConnectedTools: true,
  handsOffTo: [],
  dependsOn: [],
  output: DataFindings,
};
