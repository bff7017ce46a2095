/** What a report reads of a run: the newest result of each tool, parsed, and its figures by their names. */
import * as z from "zod";
import type { Finding } from "../../protocol/entities.ts";
import type { FactId } from "../../protocol/ids.ts";
import { ActionStep, Portfolio } from "../../protocol/optimization.ts";
import type { ReportFigure } from "../../protocol/report.ts";
import { type Step, type ToolStep, toolStepsOf } from "../checkpoint.ts";

/** What every usage tool answers with, as far as a report tells it. */
const Common = z.object({
  window: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).optional(),
  assumptions: z.array(z.string()).default([]),
  price_version: z.string().nullable().default(null),
  summary: z.string().default(""),
});

const Forecast = z.object({
  past: z.array(z.object({ day: z.string(), usd: z.number() })),
  days: z.array(z.object({ day: z.string(), p10: z.number(), p50: z.number(), p90: z.number() })),
});
const Breakdown = z.object({
  dimensions: z.array(z.string()),
  rows: z.array(
    z.object({
      key: z.record(z.string(), z.string().nullable()),
      cost_usd: z.number().nullable(),
    }),
  ),
});
const WithPortfolio = z.object({ portfolio: Portfolio });
const WithSteps = z.object({ steps: z.array(ActionStep) });

export class ToolResults {
  /** The newest result of each tool that succeeded. */
  readonly #newest = new Map<string, ToolStep>();

  constructor(steps: readonly Step[]) {
    for (const step of toolStepsOf(steps)) {
      if (step.status === "succeeded") this.#newest.set(step.name, step);
    }
  }

  /** @returns how many of these tools gave a result. */
  count(tools: readonly string[]): number {
    return tools.filter((tool) => this.#newest.has(tool)).length;
  }

  get portfolio(): Portfolio | null {
    return this.#read("portfolio_roi", WithPortfolio)?.portfolio ?? null;
  }

  get plan(): readonly ActionStep[] {
    return this.#read("action_plan", WithSteps)?.steps ?? [];
  }

  get forecast() {
    return this.#read("spend_forecast", Forecast);
  }

  get breakdown() {
    return this.#read("cost_breakdown", Breakdown);
  }

  /** @returns what the results of these tools have in common, in the order of the tools. */
  common(tools: readonly string[]): readonly z.infer<typeof Common>[] {
    return tools.flatMap((tool) => this.#read(tool, Common) ?? []);
  }

  findings(tool: string): readonly Finding[] {
    return this.#newest.get(tool)?.findings ?? [];
  }

  /** @returns the ids of findings that a result of a tool refers to by their names. */
  factIds(tool: string, names: readonly string[]): FactId[] {
    const found = this.findings(tool).filter(({ name }) => names.includes(name));
    return found.map(({ fact_id }) => fact_id);
  }

  /** @returns the figures of these tools, so many of each at most. */
  figures(tools: readonly string[], most: number): ReportFigure[] {
    return tools.flatMap((tool) =>
      this.findings(tool)
        .slice(0, most)
        .map(({ name, value, unit, interval, fact_id }) => ({
          name: name.slice(0, 200),
          value,
          unit,
          interval,
          fact_id,
        })),
    );
  }

  #read<Schema extends z.ZodType>(tool: string, schema: Schema): z.output<Schema> | null {
    const step = this.#newest.get(tool);
    if (step === undefined) return null;
    const parsed = schema.safeParse(JSON.parse(step.content));
    return parsed.success ? parsed.data : null;
  }
}
