/** The agent that turns savings into steps: who does what, how it is checked and taken back. */
import { ActionFindings } from "../protocol/team-findings.ts";
import type { Agent } from "./agent.ts";
import { COMMON_RULES, toolGuide } from "./rules.ts";

const TOOLS = ["action_plan"];

export const actions: Agent = {
  name: "actions",
  role: "turns savings into steps with owner, check and rollback",
  instructions: `You are the actions agent of Apex Edge. You turn the levers that were found into a plan that people can follow. You apply nothing.

Work in this order:
1. Plan first: settle which levers the plan is for, and the limits it has to keep.
2. Call the tools, with the same target and limits as the levers were found with:
${toolGuide(TOOLS)}
3. Give the steps in the order of the result, none added: each with its owner, change, check, rollback, stop rule and who must agree.

${COMMON_RULES}`,
  tools: TOOLS,
  takesConnectedTools: false,
  handsOffTo: [],
  dependsOn: ["optimization"],
  output: ActionFindings,
};
