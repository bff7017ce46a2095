/** The demo team's main answer over the sample company: its figures open the evidence they stand on. */
import { beforeAll, describe, expect, test } from "vitest";
import { supervisor } from "../../../src/agents/supervisor.ts";
import { teamOf } from "../../../src/agents/team.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { demoModel } from "../../../src/models/demo.ts";
import type { Finding, Grounding } from "../../../src/protocol/entities.ts";
import { RunWorld } from "../core/run-world.ts";
import { sampleTools } from "../tools/sample-tools.ts";
import { statedIn, tells, unitOf } from "./stated-figures.ts";

let answer = "";
let findings: readonly Finding[] = [];
let grounding: Grounding = { citations: [], unverified: [] };
beforeAll(async () => {
  const tools = sampleTools(0.03);
  const team = teamOf(supervisor, tools, "2026-11-21");
  const model = demoModel({ paceMs: 0, clock: systemClock });
  const question = "cut our AI costs by 30 % without hurting latency";
  const world = new RunWorld({ model, tools, ...(team && { team }), question });
  await world.live();
  answer = world.end.final_response;
  ({ findings, grounding } = world.end.results);
}, 120_000);

async function answered(question: string): Promise<string> {
  const tools = sampleTools(0.003);
  const team = teamOf(supervisor, tools, "2026-11-21");
  const model = demoModel({ paceMs: 0, clock: systemClock });
  const world = new RunWorld({ model, tools, ...(team && { team }), question });
  await world.live();
  return world.end.final_response;
}

test.each([
  "How many tokens did we use last week?",
  "What do we spend by feature?",
  "Give me an action plan",
])(
  "the answer to “%s” says once, at its beginning, that its records are made up",
  async (asked) => {
    const text = await answered(asked);
    expect(text.split("made up")).toHaveLength(2);
    expect(text.slice(0, 200)).toContain("made up, those of a sample company");
  },
);

describe("of the main answer", () => {
  test("says once, at its beginning, that its records are made up", () => {
    expect(answer.split("made up")).toHaveLength(2);
    expect(answer.slice(0, 200)).toContain("made up, those of a sample company");
  });

  test("every $, % and ms opens a fact that has it as its value or bound, in its unit", () => {
    const all = statedIn(answer, grounding, findings);
    // How sure an interval is, is no figure of the records.
    const bare = all.filter(({ fact, around }) => !fact && !around.includes("95% interval"));
    expect(all.length).toBeGreaterThan(120);
    expect(bare).toEqual([]);
    const cited = all.flatMap(({ text, fact }) => (fact ? [{ text, fact }] : []));
    expect(cited.length).toBeGreaterThan(120);
    expect(cited.filter(({ text, fact }) => !tells(text, fact))).toEqual([]);
    expect(cited.filter(({ text, fact }) => !fact.unit.startsWith(unitOf(text)))).toEqual([]);
  });

  test("a row of a table opens the facts of what the row is about", () => {
    const all = statedIn(answer, grounding, findings);
    const idsIn = (row: RegExp) =>
      all.flatMap(({ around, fact }) => (row.test(around) ? (fact?.fact_id ?? []) : []));
    expect(idsIn(/\| p95 \|[^|]*/)).toContain("latency_percentiles.latency_p95");
    expect(idsIn(/eight of ten futures lie between \$[\d.,]+ \(P10\) and/)).toContain(
      "spend_forecast.forecast_cost_of_30_days",
    );
    expect(idsIn(/not the \d+% asked/)).toContain("portfolio_roi.saving_share_asked_for");
  });

  test("a number without a unit opens nothing, whatever fact has its value", () => {
    const spans = grounding.citations.map(({ offset, length }) =>
      answer.slice(offset, offset + length),
    );
    expect(spans.filter((span) => /^\d{1,3}$/.test(span))).toEqual([]);
  });
});
