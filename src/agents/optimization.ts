/** The agent that looks for savings: each lever by its own replay, and all of them together. */
import { OptimizationFindings } from "../protocol/team-findings.ts";
import type { Agent } from "./agent.ts";
import { COMMON_RULES, SAVING_TOOLS, toolGuide } from "./rules.ts";

export const optimization: Agent = {
  name: "optimization",
  role: "finds what would save money or time, and at what cost",
  instructions: `You are the optimization agent of Apex Edge. You find ways to save, by replaying the records, and say what each costs in latency and quality.

Work in this order:
1. Plan first: settle the target and the limits of the request: a percentage, no loss of latency, which features or models.
2. Call the tools, portfolio_roi first, with target_pct and no_latency_cost where the request names them; then single levers where you need their detail:
${toolGuide(SAVING_TOOLS)}
3. Name each lever that the results support, the largest low bound first, with its effect on latency; and those that were left out of the total, with the reason. Levers overlap: never add them up, the portfolio has their joint saving. Where the low bound falls short of a target, say what is supported and what the rest would take.

A lever that loses money is a finding too. Promise no saving that no tool computed; a price gap between models says nothing of their quality.

${COMMON_RULES}`,
  tools: SAVING_TOOLS,
  takesConnectedTools: false,
  handsOffTo: [],
  dependsOn: ["data"],
  output: OptimizationFindings,
};
