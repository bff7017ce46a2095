/** The catalogue of tools: all that agents may be given, in the order people read them. */
import type { Tool } from "../core/tool.ts";
import { actionPlan } from "./action-plan.ts";
import { anomalyScan } from "./anomaly-scan.ts";
import { batchOpportunityTool } from "./batch-opportunity.ts";
import { budgetAlert } from "./budget-alert.ts";
import { commitmentUtilisation } from "./commitment-utilisation.ts";
import { costBreakdown } from "./cost-breakdown.ts";
import { duplicateResponseOpportunity } from "./duplicate-response-opportunity.ts";
import { errorRetryWaste } from "./error-retry-waste.ts";
import { latencyPercentiles } from "./latency-percentiles.ts";
import { modelComparison } from "./model-comparison.ts";
import { portfolioRoi } from "./portfolio-roi.ts";
import { promptCacheOpportunity } from "./prompt-cache-opportunity.ts";
import { rightsizeSimulate } from "./rightsize-simulate.ts";
import { spendForecast } from "./spend-forecast.ts";
import { trimOpportunityTool } from "./trim-opportunity.ts";
import type { UsageTools } from "./usage-scope.ts";
import { usageSummary } from "./usage-summary.ts";

/** @returns every tool, over the usage records and the clock it is given. */
export function toolCatalog(tools: UsageTools): readonly Tool[] {
  return [
    usageSummary(tools),
    costBreakdown(tools),
    modelComparison(tools),
    latencyPercentiles(tools),
    errorRetryWaste(tools),
    spendForecast(tools),
    anomalyScan(tools),
    commitmentUtilisation(tools),
    budgetAlert(tools),
    promptCacheOpportunity(tools),
    duplicateResponseOpportunity(tools),
    batchOpportunityTool(tools),
    rightsizeSimulate(tools),
    trimOpportunityTool(tools),
    portfolioRoi(tools),
    actionPlan(tools),
  ];
}
