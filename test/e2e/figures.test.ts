/** The demo's answers hold no figure of their own: each one stands in the result of a tool. */
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { ThreadPage } from "../../src/protocol/api.ts";
import { LoggedEvent } from "../../src/protocol/events.ts";
import { RunId } from "../../src/protocol/ids.ts";
import { LogLine } from "../../src/protocol/log-export.ts";
import { statedIn, tells } from "../unit/models/stated-figures.ts";
import { newPerson, type Person } from "./person.ts";
import { openSocket } from "./recording.ts";
import { expectRules } from "./rules.ts";
import { runTerminal } from "./terminal-program.ts";

type RunEnd = Extract<LoggedEvent, { type: "agent_completed" }>;

const NUMBER = /\d[\d,]*(?:\.\d+)?/g;
/** A unit, not a figure: costs are given per so many requests. */
const UNIT = /per 1,000/g;

test.each([
  "How many requests and tokens did we use last week?",
  "Where does the money go, by feature and by team?",
  "Which model is cheaper for the same work?",
  "How can we reduce our costs over the last 90 days?",
])("Every figure in the answer to “%s” was computed by a tool of that run", async (question) => {
  const person = await newPerson(inject("demoUrl"));
  const live = await openSocket(person, await person.newThread());
  const { data } = await live.say(question);
  await live.completed(data.run_id);
  live.close();

  const { calls, end } = expectRules(live.frames, data.run_id, person);
  expect(calls.length).toBeGreaterThanOrEqual(1);
  const known = calls.map(({ results }) => withoutSummary(results));
  const numbers = known.flatMap(numbersIn);
  const texts = known.map((result) => JSON.stringify(result)).join("\n");
  const said = end.data.final_response.replaceAll(UNIT, "").match(NUMBER) ?? [];
  expect(said.length).toBeGreaterThan(3);
  const { citations, unverified } = end.data.results.grounding;
  expect(unverified).toEqual([]);
  expect(citations.length).toBeGreaterThan(0);
  expect(said.filter((text) => !isKnown(text, numbers, texts))).toEqual([]);
});

describe("To “cut our AI costs by 30 % without hurting latency”", () => {
  let events: LoggedEvent[];
  let end: RunEnd;
  /** What `/figures` prints afterwards: each line is a figure of the answer, and its evidence. */
  let printed: string[];
  let calls: ReturnType<typeof expectRules>["calls"];

  /** It is asked in the terminal, and read again over HTTP. */
  beforeAll(async () => {
    const [url, email] = [inject("demoUrl"), `${randomUUID()}@example.com`];
    const input = "cut our AI costs by 30 % without hurting latency\n/figures\n/quit\n";
    const { code, stdout } = await runTerminal({ url, email, input });
    expect(code).toBe(0);
    printed = stdout
      .split("\n")
      .flatMap((line) => /^\d+\. (\S.* is .* by #\d+ .*)$/.exec(line)?.[1] ?? []);

    const person = await newPerson(url, email);
    events = await logOf(person);
    const runId = RunId.parse(events[0]?.context.run_id);
    ({ calls, end } = expectRules(events, runId, person));
  }, 60_000);

  test("the sample company is shown savings that its records truly hold, and what they rest on", () => {
    const { findings, grounding, outcome, report } = end.data.results;
    expect(grounding.unverified).toEqual([]);
    expect(outcome?.estimated_monthly_savings.low).toBeGreaterThan(5_000);
    expect(outcome?.roi_percentage).toBeGreaterThan(150);
    expect(outcome?.efficiency_improvement).toBeGreaterThan(20);
    expect(outcome?.recommendations.length).toBeGreaterThanOrEqual(3);
    const known = new Set(findings.map(({ fact_id }) => fact_id));
    const facts = outcome?.recommendations.flatMap((recommendation) => recommendation.facts) ?? [];
    expect(facts.length).toBeGreaterThanOrEqual(3);
    expect(facts.filter((fact) => !known.has(fact))).toEqual([]);
    expect(report?.action_plan.length).toBeGreaterThanOrEqual(3);
  });

  test("every amount, share and time of the answer opens a fact, and that the stored result that holds it", () => {
    const { final_response, results } = end.data;
    const stated = statedIn(final_response, results.grounding, results.findings);
    expect(stated.length).toBeGreaterThan(100);
    // How sure an interval is, is no figure of the records.
    const bare = stated.filter(
      ({ fact, around }) => !fact && !/95% (?:interval|bound)/.test(around.slice(-30)),
    );
    expect(bare).toEqual([]);
    const cited = stated.flatMap(({ text, fact }) => (fact ? [{ text, fact }] : []));
    expect(cited.filter(({ text, fact }) => !tells(text, fact))).toEqual([]);

    const stored = new Map(
      calls.map(({ call_id, results }) => [call_id, numbersIn(withoutSummary(results))]),
    );
    const unheld = cited.filter(
      ({ fact }) => !stored.get(fact.call_id)?.some((number) => isSame(number, fact.value)),
    );
    expect(unheld).toEqual([]);
  });

  test("the terminal prints each of them with the same evidence", () => {
    const { final_response, results } = end.data;
    const { citations } = results.grounding;
    expect(printed).toHaveLength(citations.length);
    for (const [index, { offset, length, fact_id }] of citations.entries()) {
      const finding = results.findings.find((each) => each.fact_id === fact_id);
      const number = calls.findIndex(({ call_id }) => call_id === finding?.call_id) + 1;
      const line = printed[index];
      expect(line).toContain(
        `${final_response.slice(offset, offset + length)}: ${finding?.name} is `,
      );
      expect(line).toMatch(new RegExp(` by #${number} ${finding?.tool_name}$`));
    }
  });
});

/** @returns all that the person's only thread has logged, as it is exported. */
async function logOf(person: Person): Promise<LoggedEvent[]> {
  const threads = ThreadPage.parse(await (await person.request("GET", "/api/threads")).json());
  const log = await person.request("GET", `/api/threads/${threads.data[0]?.id}/log`);
  const lines = (await log.text())
    .trimEnd()
    .split("\n")
    .map((line) => LogLine.parse(JSON.parse(line)));
  return lines.flatMap((line) => (line.kind === "event" ? [LoggedEvent.parse(line.event)] : []));
}

/** Facts and results are the same numbers, but for what an addition in another order may lose. */
function isSame(one: number, other: number): boolean {
  return Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(other));
}

/** The summary is prose that the answer repeats: as evidence only the computed fields count. */
function withoutSummary(results: unknown): object {
  const { summary: _, ...fields } = z.looseObject({ summary: z.string() }).parse(results);
  return fields;
}

function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(numbersIn);
}

/** A figure is rounded for people: it is known where a computed number rounds to it. */
function isKnown(text: string, numbers: readonly number[], texts: string): boolean {
  const plain = text.replaceAll(",", "").replace(/\.$/, "");
  const digits = plain.split(".")[1]?.length ?? 0;
  const rounds = numbers.some(
    (number) => Math.abs(number).toFixed(digits) === Number(plain).toFixed(digits),
  );
  return rounds || new RegExp(`(?<![\\d.])${plain}(?!\\d)`).test(texts);
}
