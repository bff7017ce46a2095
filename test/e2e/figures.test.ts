/** The demo's answers hold no figure of their own: each one stands in the result of a tool. */
import { expect, inject, test } from "vitest";
import { z } from "zod";
import { newPerson } from "./person.ts";
import { openSocket } from "./recording.ts";
import { expectRules } from "./rules.ts";

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

test("The sample company is shown savings that its records truly hold, and what they rest on", async () => {
  const person = await newPerson(inject("demoUrl"));
  const live = await openSocket(person, await person.newThread());
  const { data } = await live.say("cut our AI costs by 30 % without hurting latency");
  await live.completed(data.run_id);
  live.close();

  const { end } = expectRules(live.frames, data.run_id, person);
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
