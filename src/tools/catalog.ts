/** The catalogue of tools: all that agents may be given, in the order people read them. */
import type { Tool } from "../core/tool.ts";
import { batchOpportunityTool } from "./batch-opportunity.ts";
import { costBreakdown } from "./cost-breakdown.ts";
import { duplicateResponseOpportunity } from "./duplicate-response-opportunity.ts";
import { modelComparison } from "./model-comparison.ts";
import { promptCacheOpportunity } from "./prompt-cache-opportunity.ts";
import { trimOpportunityTool } from "./trim-opportunity.ts";
import type { UsageTools } from "./usage-scope.ts";
import { usageSummary } from "./usage-summary.ts";

/** @returns every tool, over the usage records and the clock it is given. */
export function toolCatalog(tools: UsageTools): readonly Tool[] {
  return [
    usageSummary(tools),
    costBreakdown(tools),
    modelComparison(tools),
    promptCacheOpportunity(tools),
    duplicateResponseOpportunity(tools),
    batchOpportunityTool(tools),
    trimOpportunityTool(tools),
  ];
}
