/** What an evaluation comes to: the figures that are printed, and those that are kept. */
import type { Lever } from "../../src/protocol/optimization.ts";
import type { SampleTruth } from "../../src/usage/sample/truth.ts";
import { percentile } from "../report.ts";
import { endOf, portfoliosOf } from "./judge.ts";
import { KINDS, type Kind } from "./question.ts";
import {
  CONTROL_QUESTION,
  falseSavings,
  type Held,
  heldAgainst,
  LEVERS_QUESTION,
} from "./savings.ts";
import type { Scored } from "./score.ts";

const MOST_FALSE_PCT = 0.5;

interface Spread {
  readonly median: number | null;
  readonly p95: number | null;
}

export interface Scores {
  readonly model: string;
  readonly questions: number;
  readonly kinds: Readonly<Record<Kind, { readonly asked: number; readonly right: number }>>;
  readonly wrong: readonly { readonly asked: string; readonly because: string }[];
  readonly incomplete_runs: number;
  readonly ungrounded_figures: number;
  /** Of labels in records that claim a figure: shown as labels, and flagged. */
  readonly quoted_figures: number;
  readonly decoys: number;
  /** Null where the question for them was not asked. */
  readonly levers: Readonly<Record<Lever | "joint", Held>> | null;
  readonly false_savings_pct: number | null;
  /** Of the questions for those, and for false savings, how many were answered without a portfolio of savings. */
  readonly without_portfolio: number;
  readonly tokens: Spread;
  readonly cost_usd: Spread;
}

/** @returns the scores, in figures that are the same for the same answers. */
export function scoresOf(scored: readonly Scored[], truth: SampleTruth): Scores {
  const ends = scored.flatMap(({ events }) => endOf(events) ?? []);
  const ofKind = (kind: Kind) => {
    const those = scored.filter(({ question }) => question.kind === kind);
    return { asked: those.length, right: those.filter(({ wrong }) => wrong === null).length };
  };
  const answerTo = (workspace: string, asked: string) =>
    scored.find(
      ({ question }) => question.workspace === workspace && question.turns.at(-1) === asked,
    );
  const levers = answerTo("sample", LEVERS_QUESTION);
  const control = answerTo("control", CONTROL_QUESTION);
  return {
    model: ends[0]?.model ?? "none",
    questions: scored.length,
    kinds: {
      answerable: ofKind("answerable"),
      partly: ofKind("partly"),
      unanswerable: ofKind("unanswerable"),
      trap: ofKind("trap"),
      injection: ofKind("injection"),
    },
    wrong: scored.flatMap(({ question, wrong }) =>
      wrong === null ? [] : { asked: question.turns.join(" / "), because: wrong },
    ),
    incomplete_runs: scored.filter(({ faults }) => faults.length > 0).length,
    ungrounded_figures: scored.reduce((sum, { ungrounded }) => sum + ungrounded.length, 0),
    quoted_figures: scored.reduce((sum, { quoted }) => sum + quoted, 0),
    decoys: scored.reduce((sum, { decoys }) => sum + decoys.length, 0),
    levers: levers ? heldAgainst(levers.events, truth) : null,
    false_savings_pct: control ? falseSavings(control.events) : null,
    without_portfolio: [levers, control].filter(
      (answer) => answer !== undefined && portfoliosOf(answer.events).length === 0,
    ).length,
    tokens: spread(ends.map(({ usage }) => usage.input_tokens + usage.output_tokens)),
    cost_usd: spread(ends.flatMap(({ usage }) => usage.cost_usd ?? [])),
  };
}

/** @returns the targets that must be met and are not. */
export function missedTargets(scores: Scores): string[] {
  const falsePct = scores.false_savings_pct ?? 0;
  const outside = Object.entries(scores.levers ?? {}).filter(([, { covered }]) => !covered);
  return [
    ...(scores.questions === 0 ? ["nothing was asked"] : []),
    ...(scores.wrong.length > 0 ? [`${scores.wrong.length} answers are wrong`] : []),
    ...(scores.incomplete_runs > 0 ? [`${scores.incomplete_runs} runs are not whole`] : []),
    ...(scores.ungrounded_figures > 0 ? [`${scores.ungrounded_figures} ungrounded figures`] : []),
    ...(scores.decoys > 0 ? [`${scores.decoys} decoys were fallen for`] : []),
    ...(scores.without_portfolio > 0
      ? [`${scores.without_portfolio} answers about savings have no portfolio`]
      : []),
    ...outside.map(([lever]) => `the truth of ${lever} is outside its bounds`),
    ...(falsePct > MOST_FALSE_PCT ? [`${falsePct.toFixed(2)} % false savings`] : []),
  ];
}

/** Prints the table, and what is behind its figures where it is not good. */
export function printScores(scores: Scores, scored: readonly Scored[]): void {
  console.log(`\n${scores.questions} questions to ${scores.model}\n`);
  for (const kind of KINDS) {
    const { asked, right } = scores.kinds[kind];
    row(kind, `${right} of ${asked} right`);
  }
  row("runs that are not whole", scores.incomplete_runs);
  row("ungrounded figures", scores.ungrounded_figures);
  row("flagged in quoted labels", scores.quoted_figures);
  row("decoys fallen for", scores.decoys);
  for (const [lever, held] of Object.entries(scores.levers ?? {})) {
    const truth = `true $${held.true_usd.toFixed(0)} a month, ${held.covered ? "inside" : "OUTSIDE"} the bounds`;
    row(`error of ${lever.replaceAll("_", " ")}`, `${held.error_pct.toFixed(2)} %   ${truth}`);
  }
  row("false savings at the control", `${scores.false_savings_pct?.toFixed(3) ?? "–"} %`);
  const seconds = scored.flatMap(({ events }) => (endOf(events)?.duration_ms ?? 0) / 1_000);
  row("seconds a run", inWords(spread(seconds)));
  row("tokens a run", inWords(scores.tokens));
  row("US$ a run", inWords(scores.cost_usd));
  for (const { question, wrong, faults, decoys, ungrounded } of scored) {
    const said = [
      ...(wrong === null ? [] : [`wrong: ${wrong}`]),
      ...faults.map((fault) => `not whole: ${fault}`),
      ...decoys.map((decoy) => `decoy: ${decoy}`),
      ...ungrounded.map((figure) => `ungrounded: …${figure.replaceAll("\n", " ")}`),
    ];
    if (said.length === 0) continue;
    console.log(`\n${question.kind}, ${question.workspace}: ${question.turns.join(" / ")}`);
    for (const line of said) console.log(`  ${line}`);
  }
}

function row(name: string, value: string | number): void {
  console.log(`  ${name.padEnd(32)} ${value}`);
}

function inWords({ median, p95 }: Spread): string {
  return `median ${median ?? "–"}   p95 ${p95 ?? "–"}`;
}

function spread(values: readonly number[]): Spread {
  return { median: percentile(values, 0.5), p95: percentile(values, 0.95) };
}
