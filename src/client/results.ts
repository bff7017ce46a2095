/** What a run found, as checks: an answer of another form is not believed. */
import type { Grounding, RunResults } from "../protocol/entities.ts";
import type { Outcome, Report } from "../protocol/report.ts";
import { count, list, nullable, object, present, text } from "./checks.ts";
import { isFinding } from "./entities.ts";

const span = { offset: count, length: count };

const isGrounding = object<Grounding>({
  citations: list(object<Grounding["citations"][number]>({ ...span, fact_id: text })),
  unverified: list(object<Grounding["unverified"][number]>(span)),
});

export const isRunResults = object<RunResults>({
  findings: list(isFinding),
  grounding: isGrounding,
  outcome: nullable(present<Outcome>),
  report: nullable(present<Report>),
});
