/** The declared graph: triage first, then what the records allow, reporting last. */
import { delegationTo, submissionBy } from "../core/team/delegation.ts";
import type { Team, TeamPart } from "../core/team/team.ts";
import type { Tool } from "../core/tool.ts";
import type { Finding } from "../protocol/entities.ts";
import { counted } from "../protocol/plural.ts";
import { type DataSufficiency, TriageFindings } from "../protocol/team-findings.ts";
import { actions } from "./actions.ts";
import type { Agent } from "./agent.ts";
import { data } from "./data.ts";
import { dataHelper } from "./data-helper.ts";
import { optimization } from "./optimization.ts";
import { reporting } from "./reporting.ts";
import { triage } from "./triage.ts";

/** Between triage and reporting: who works, by how far the records carry. */
const ROUTES = {
  enough: [data, optimization, actions],
  some: [dataHelper, data],
  none: [dataHelper],
} as const satisfies Record<DataSufficiency, readonly Agent[]>;

/** Each after those it depends on. */
const PARTS: readonly Agent[] = [dataHelper, data, optimization, actions];

const SUBMISSIONS = new Map(
  [triage, ...PARTS].flatMap(({ name, output }) =>
    output === null ? [] : [[name, submissionBy(name, output)] as const],
  ),
);
const DELEGATION = delegationTo([triage, ...PARTS, reporting]);

const WORDS = {
  enough: "The records carry the whole analysis",
  some: "The records carry a part of the analysis only",
  none: "There are no records to analyse",
} as const satisfies Record<DataSufficiency, string>;

/**
 * @param tools those that this deployment has and the sender may use.
 * @param today RFC 3339 date.
 * @returns the team, or null if the agent has nobody to hand work to, or there is no tool.
 */
export function teamOf(agent: Agent, tools: readonly Tool[], today: string): Team | null {
  if (agent.handsOffTo.length === 0 || tools.length === 0) return null;
  const part = ({ instructions, ...declared }: Agent): TeamPart => ({
    ...declared,
    instructions: `${instructions}\n\nToday is ${today}.`,
    tools: tools.filter(({ name }) => declared.tools.includes(name)),
    submission: SUBMISSIONS.get(declared.name) ?? null,
  });
  return {
    delegation: DELEGATION,
    entry: part(triage),
    parts: PARTS.map(part),
    speaker: part(reporting),
    route,
  };
}

const route: Team["route"] = (output, findings) => {
  const found = TriageFindings.safeParse(output);
  if (!found.success) {
    return {
      parts: namesOf("some"),
      why: "Triage came to no result, so how far the records carry is not known.",
    };
  }
  const { category, priority, complexity, confidence, intent, data_reason } = found.data;
  const sufficiency = supported(found.data.data_sufficiency, findings);
  return {
    parts: namesOf(sufficiency),
    why: `Triage reads it as ${category.replaceAll("_", " ")} (priority ${priority}, ${complexity}, confidence ${confidence}): ${intent} ${entitiesIn(found.data)}${WORDS[sufficiency]}: ${data_reason}`,
  };
};

function namesOf(sufficiency: DataSufficiency): string[] {
  return ROUTES[sufficiency].map(({ name }) => name);
}

/** What triage says of the records counts no further than its own tools have seen them. */
function supported(claimed: DataSufficiency, findings: readonly Finding[]): DataSufficiency {
  return claimed === "enough" && findings.length === 0 ? "some" : claimed;
}

function entitiesIn({ entities }: TriageFindings): string {
  const { models, features, teams, last_days, target_pct, no_latency_cost } = entities;
  const named = [
    ...(target_pct === null ? [] : [`a target of ${target_pct} %`]),
    ...(no_latency_cost ? ["no loss of latency"] : []),
    ...(last_days === null ? [] : [`the last ${counted(last_days, "day")}`]),
    ...models.map((name) => `the model ${name}`),
    ...features.map((name) => `the feature ${name}`),
    ...teams.map((name) => `the team ${name}`),
  ];
  return named.length === 0 ? "" : `It names ${new Intl.ListFormat("en-GB").format(named)}. `;
}
