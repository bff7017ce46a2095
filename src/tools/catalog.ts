/** The catalogue of tools: all that agents may be given, in the order people read them. */
import type { Tool } from "../core/tool.ts";
import { costBreakdown } from "./cost-breakdown.ts";
import { modelComparison } from "./model-comparison.ts";
import type { UsageTools } from "./usage-scope.ts";
import { usageSummary } from "./usage-summary.ts";

/** @returns every tool, over the usage records and the clock it is given. */
export function toolCatalog(tools: UsageTools): readonly Tool[] {
  return [usageSummary(tools), costBreakdown(tools), modelComparison(tools)];
}
