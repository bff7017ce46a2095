/** What a run found, as checks: an answer of another form is not believed. */
import type { Grounding, RunResults } from "../protocol/entities.ts";
import type { Outcome, Report } from "../protocol/report.ts";
import { type Check, count, isObject, list, nullable, object, text } from "./checks.ts";
import { isFinding } from "./entities.ts";

const span = { offset: count, length: count };

const isGrounding = object<Grounding>({
  citations: list(object<Grounding["citations"][number]>({ ...span, fact_id: text })),
  unverified: list(object<Grounding["unverified"][number]>(span)),
});

/** What people read, and no program acts on, is checked as far as a reader walks through it. */
function isTold<Told extends Outcome | Report>(value: unknown): value is Told {
  return isObject(value) && list(isObject)(value.recommendations);
}

export const isReport: Check<Report> = isTold;

export const isRunResults = object<RunResults>({
  findings: list(isFinding),
  grounding: isGrounding,
  outcome: nullable(isTold<Outcome>),
  report: nullable(isReport),
});
