/** What the product offers over MCP. */
import type { McpOffer } from "./offer.ts";
import { PROMPTS } from "./prompts.ts";
import { RESOURCES } from "./resources.ts";
import { analysisTools } from "./tools/analysis-tools.ts";
import { corpusTools } from "./tools/corpus-tools.ts";
import type { McpContext } from "./tools/follow-call.ts";
import { PROMPT_TOOLS } from "./tools/prompt-tools.ts";
import { RUN_TOOLS } from "./tools/run-tools.ts";
import { SUPPLY_TOOLS } from "./tools/supply-tools.ts";
import { THREAD_TOOLS } from "./tools/thread-tools.ts";

const INSTRUCTIONS = `
Apex Edge finds out what LLM calls cost, why, and what would cut it. Every figure comes from usage records:
one's own, or a sample company's where there are none, and each answer says which.

For a question in words call run_agent; for savings, a plan and a report, execute_optimization_pipeline. For
one figure call its analysis tool: usage_summary, cost_breakdown and the others. Figures come with their
bounds and assumptions: repeat them together.
`.trim();

const offers = new WeakMap<Cloudflare.Env, McpOffer<McpContext>>();

/** @throws {ApexError} `misconfigured`. */
export function productOffer(env: Cloudflare.Env): McpOffer<McpContext> {
  const known = offers.get(env);
  if (known !== undefined) return known;
  const offer = {
    tools: [
      ...RUN_TOOLS,
      ...THREAD_TOOLS,
      ...corpusTools(env),
      ...PROMPT_TOOLS,
      ...SUPPLY_TOOLS,
      ...analysisTools(env),
    ],
    resources: RESOURCES,
    prompts: PROMPTS,
    instructions: INSTRUCTIONS,
  };
  offers.set(env, offer);
  return offer;
}
