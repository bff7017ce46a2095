/** The tools over the records themselves: questions to them, an overview, and made-up ones to try things on. */
import * as z from "zod";
import { systemClock } from "../../../core/clock.ts";
import { ApexError } from "../../../protocol/errors.ts";
import { Json } from "../../../protocol/json.ts";
import { toolScope } from "../../../protocol/scopes.ts";
import { exportRow } from "../../../usage/sample/export-rows.ts";
import { expectedRecords, SAMPLE_SEED, sampleRecords } from "../../../usage/sample.ts";
import { Filters } from "../../../usage/store.ts";
import { defineMcpTool, READS } from "../define-mcp-tool.ts";
import type { McpCall, McpTool } from "../offer.ts";
import { catalogued, execute, outputOf, renamedTool } from "./analysis-tools.ts";
import type { McpContext } from "./follow-call.ts";
import { toldTogether } from "./told-text.ts";

/** What an overview is made of, in the order it is read. */
const OVERVIEW = [
  "usage_summary",
  "cost_breakdown",
  "latency_percentiles",
  "error_retry_waste",
  "anomaly_scan",
] as const;
const MOST_SYNTHETIC = 200;
const DAY_MS = 24 * 60 * 60_000;

/** @returns usage records in any grouping: the cost breakdown, under the name people look for. */
function queryCorpus(env: Cloudflare.Env): McpTool<McpContext> {
  return renamedTool(env, "cost_breakdown", {
    name: "query_corpus",
    title: "Query usage records",
    description:
      "Queries the usage records of one's workspace: requests, tokens and cost by up to three of model, feature, team, environment, user, provider, day and hour, in a window, with filters, and the change against the window before.",
    scope: "usage:read",
    effects: READS,
  });
}

const Part = z.object({
  tool: z.enum(OVERVIEW),
  output: z.record(z.string(), Json).nullable().describe("null where it failed"),
  problem: z.string().nullable(),
});

const analyzeWorkload = defineMcpTool({
  name: "analyze_workload",
  title: "Analyze a workload",
  description:
    "Measures a workload from its usage records: requests, tokens and cost, where the cost goes, latency percentiles, waste by errors and retries, and anomalies. Measures only: execute_optimization_pipeline says what can be saved.",
  scope: "usage:read",
  effects: READS,
  input: z.strictObject({
    workspace: z
      .enum(["own", "sample"])
      .optional()
      .describe("Default: your own records where there are, else the sample company's"),
    filters: Filters.optional().describe("Only records with exactly these values"),
  }),
  output: z.object({ parts: z.array(Part), summary: z.string().describe("Markdown") }),
  tell: ({ summary }) => summary,
  async run(args, call: McpCall<McpContext>) {
    const given = Json.parse(args);
    const parts: z.output<typeof Part>[] = [];
    for (const name of OVERVIEW) {
      const tool = catalogued(call.who.env, name);
      await call.progress(tool.describeCall(given));
      parts.push(await partOf(name, () => execute(tool, given, call).then(outputOf)));
    }
    return { parts, summary: toldTogether(parts) };
  },
});

/** One part that cannot be had leaves the others as good as they are. */
async function partOf(
  tool: (typeof OVERVIEW)[number],
  measure: () => Promise<Record<string, Json>>,
): Promise<z.output<typeof Part>> {
  try {
    return { tool, output: await measure(), problem: null };
  } catch (error) {
    if (!(error instanceof ApexError)) throw error;
    return { tool, output: null, problem: error.message };
  }
}

const generate = defineMcpTool({
  name: "generate_synthetic_data",
  title: "Make up usage records",
  description: `Makes up usage records of a company that does not exist, the same ones for the same arguments: for trying imports and tools on. At most ${MOST_SYNTHETIC} at a time; nothing is stored.`,
  scope: toolScope("generate_synthetic_data"),
  effects: READS,
  input: z.strictObject({
    records: z.number().int().min(1).max(MOST_SYNTHETIC).default(20).describe("How many, about"),
    company: z
      .enum(["sample", "control"])
      .default("sample")
      .describe("sample: with inefficiencies to find; control: with none"),
    seed: z
      .number()
      .int()
      .min(0)
      .max(2 ** 31)
      .default(SAMPLE_SEED),
    day: z.iso.date().optional().describe("The day they are of (UTC); default: yesterday"),
    defects: z.boolean().default(false).describe("With missing hashes, wrong flags, repetitions"),
  }),
  output: z.object({
    records: z.array(z.record(z.string(), Json)).describe("As an import takes them"),
    generated: z.literal(true).describe("None of these calls was ever made"),
    seed: z.number(),
  }),
  async run({ records, company, seed, day, defects }, _call: McpCall<McpContext>) {
    const today = Math.floor(systemClock.now() / DAY_MS) * DAY_MS;
    const endsAt = day === undefined ? today : Date.parse(day) + DAY_MS;
    const whole = { endsAt, seed, company, defects, days: 1 };
    const scale = Math.min(1, records / expectedRecords(whole));
    const rows: Record<string, Json>[] = [];
    for (const record of sampleRecords({ ...whole, scale })) {
      if (rows.length === records) break;
      rows.push(exportRow(record, "included"));
    }
    return { records: rows, generated: true as const, seed };
  },
});

/** @returns the tools over usage records. */
export function corpusTools(env: Cloudflare.Env): McpTool<McpContext>[] {
  return [analyzeWorkload, queryCorpus(env), generate];
}
