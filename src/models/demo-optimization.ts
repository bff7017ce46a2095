/** The optimization agent by rule: the levers as the joint replay gives them, the largest first. */
import * as z from "zod";
import type { FactId } from "../protocol/ids.ts";
import { type Lever, type LeverSaving, Portfolio } from "../protocol/optimization.ts";
import type { OptimizationFindings } from "../protocol/team-findings.ts";
import { titleOf } from "./demo-answer.ts";
import { cut, gapsOf } from "./demo-data.ts";
import type { DemoResult, PartScene, UncalledTool } from "./demo-results.ts";

/** Levers that are handed on one by one. */
const MAX_LEVERS = 20;

/** The tools of single levers. */
const LEVER_OF: ReadonlyMap<string, Lever> = new Map([
  ["prompt_cache_opportunity", "prompt_cache"],
  ["duplicate_response_opportunity", "duplicates"],
  ["batch_opportunity", "batch"],
  ["rightsize_simulate", "right_size"],
  ["trim_opportunity", "trim"],
]);

const Result = z.object({ portfolio: Portfolio });

/** What the optimization agent hands on. */
export function optimizationFindings(scene: PartScene): z.input<typeof OptimizationFindings> {
  const portfolio = scene.results.find(
    ({ tool, summary }) => tool === "portfolio_roi" && summary !== null,
  );
  const single = scene.results.filter(
    (result) => result.tool !== "portfolio_roi" && result.summary !== null,
  );
  return {
    opportunities: portfolio ? leversOf(portfolio) : single.map(alone),
    together: portfolio ? togetherOf(portfolio) : null,
    details: portfolio ? single.map(detail) : [],
    gaps: gapsOf(portfolio ? { ...scene, uncalled: notReplayed(scene, portfolio) } : scene),
  };
}

/** @returns the tools that were not called, but for those whose lever the joint replay has in. */
function notReplayed({ uncalled }: PartScene, portfolio: DemoResult): readonly UncalledTool[] {
  const replayed = new Set(leversIn(portfolio).map(({ lever }) => lever));
  return uncalled.filter(({ tool }) => {
    const lever = LEVER_OF.get(tool);
    return lever === undefined || !replayed.has(lever);
  });
}

function leversIn(portfolio: DemoResult): readonly LeverSaving[] {
  return Result.safeParse(portfolio.content).data?.portfolio.levers ?? [];
}

function leversOf(portfolio: DemoResult) {
  return leversIn(portfolio)
    .slice(0, MAX_LEVERS)
    .map((each) => ({
      title: each.title,
      lever: each.lever,
      subject: each.subject,
      latency_effect: each.latency_effect,
      why: (each.assumptions[0] ?? `It is ${each.basis} from the records.`).slice(0, 500),
      left_out: each.left_out?.slice(0, 500) ?? null,
      facts: factsNamed(portfolio, [each.fact]),
    }));
}

function togetherOf(portfolio: DemoResult) {
  const target = Result.safeParse(portfolio.content).data?.portfolio.target ?? null;
  return {
    statement: cut(portfolio.summary ?? ""),
    target_reached: target?.reached ?? null,
    needs: target?.needs?.slice(0, 500) ?? null,
    facts: [...portfolio.facts.values()].slice(0, 60),
  };
}

function detail({ tool, summary, facts }: DemoResult) {
  const [first = ""] = (summary ?? "").split("\n\n");
  return { title: titleOf(tool), statement: cut(first), facts: [...facts.values()].slice(0, 60) };
}

/** A lever by its own tool, where no tool replayed them together. */
function alone({ tool, summary, facts }: DemoResult) {
  return {
    title: titleOf(tool),
    lever: null,
    latency_effect: "unknown" as const,
    why: cut(summary ?? "", 500),
    left_out: "It was replayed alone, so what it shares with others is not taken out.",
    facts: [...facts.values()],
  };
}

/** @returns the ids of a result's figures of these names. */
export function factsNamed({ facts }: DemoResult, names: readonly string[]): FactId[] {
  return names.flatMap((name) => facts.get(name) ?? []);
}
