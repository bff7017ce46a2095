/** The reporting agent by rule: what the others found, in the order in which people decide. */
import type * as z from "zod";
import { SAMPLE_NOTICE } from "../core/sample-notice.ts";
import type { Brief } from "../core/team/brief.ts";
import {
  ActionFindings,
  DataFindings,
  DataNeeds,
  OptimizationFindings,
} from "../protocol/team-findings.ts";
import { OF_SAMPLE } from "./demo-answer.ts";
import { type DemoTurn, SIGNATURE } from "./demo-plan.ts";

/** Recommendations that are told one by one. */
const MAX_TOLD = 8;

type Section = readonly [title: string, lines: readonly string[]];

/** @returns the answer, from the findings in the brief alone. */
export function reportTurn(brief: Brief): DemoTurn {
  const { findings } = brief;
  const data = outputOf(brief, "data", DataFindings);
  const optimization = outputOf(brief, "optimization", OptimizationFindings);
  const actions = outputOf(brief, "actions", ActionFindings);
  const needs = outputOf(brief, "data-helper", DataNeeds);
  const gaps = [data, optimization, actions].flatMap((output) => output?.gaps ?? []);
  const sections: readonly Section[] = [
    ["What can be saved", optimization?.together ? [optimization.together.statement] : []],
    ["Recommendations", optimization ? recommendations(optimization) : []],
    ["The plan", actions ? [actions.statement] : []],
    ...(data?.observations ?? []).map(({ title, statement }): Section => [title, [statement]]),
    [
      "Each lever by itself",
      (optimization?.details ?? []).map(
        ({ title, statement }) => `#### ${title}\n\n${statement}\n`,
      ),
    ],
    ["Records that are needed", (needs?.needs ?? []).map(need)],
    ["What is missing", [...gone(brief), ...gaps.map(({ what, why }) => `- **${what}**: ${why}`)]],
  ];
  const told = sections.filter(([, lines]) => lines.length > 0);
  const body = told.map(([title, lines]) => `### ${title}\n\n${lines.join("\n").trim()}`);
  const done = findings.filter(({ status }) => status === "completed").map(({ part }) => part);
  const reasoning = `I write the answer from the findings of ${done.join(", ") || "nobody"}: ${told.map(([title]) => title).join(", ")}. I add no figure of my own.`;
  return {
    reasoning: [reasoning],
    calls: [],
    text: [
      ...(brief.notices.includes(SAMPLE_NOTICE) ? [OF_SAMPLE] : []),
      ...body,
      `**Next step:** ${nextStep(brief)}`,
      SIGNATURE,
    ].join("\n\n"),
  };
}

/** The opportunities that count, the largest first, each with its saving as the fact that holds it. */
function recommendations({ opportunities }: OptimizationFindings): string[] {
  return opportunities
    .filter(({ left_out }) => left_out === null)
    .slice(0, MAX_TOLD)
    .map(({ title, subject, facts, latency_effect, why }, index) => {
      const [saving] = facts;
      const saves = saving === undefined ? "" : `: saves {{fact:${saving}}} a month`;
      const where = subject === null ? "" : ` (${subject})`;
      return `${index + 1}. **${title}**${where}${saves}; latency: ${latency_effect}. ${why}`;
    });
}

function need({ what, why, how }: DataNeeds["needs"][number]): string {
  return `- **${what}.** ${why}. How: ${how}.`;
}

/** What no agent found, because it failed, or was skipped or left out. */
function gone({ findings, left_out }: Brief): string[] {
  return [
    ...findings.flatMap(({ part, status, problem }) =>
      status === "completed"
        ? []
        : `- The ${part} agent was ${status}${problem ? `: ${problem}` : "."}`,
    ),
    ...left_out.map((part) => `- The ${part} agent was left out, as was asked.`),
  ];
}

function nextStep({ findings }: Brief): string {
  const done = findings.filter(({ status }) => status === "completed").map(({ part }) => part);
  if (done.includes("actions")) return "agree on the first step of the plan with its owner.";
  if (done.includes("data-helper"))
    return "bring in the first of the records above, and ask again.";
  return "ask again for what is missing; if it stays away, ask for fewer days or without a filter.";
}

function outputOf<Output extends z.ZodType>(
  { findings }: Brief,
  part: string,
  schema: Output,
): z.output<Output> | null {
  const found = findings.find((each) => each.part === part);
  const parsed = schema.safeParse(found?.output);
  return parsed.success ? parsed.data : null;
}
