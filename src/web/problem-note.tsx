/** Says what went wrong: faults of fields in the page's words, all else in those the server chose for people. */
import type { ApexError } from "../protocol/errors.ts";
import type { FieldError, Problem } from "../protocol/problem.ts";
import { useFaultWords } from "./form/fault-words.ts";

interface Props {
  readonly problem: ApexError | Problem | null;
}

/** A problem's detail, announced at once; nothing where there is no problem. */
export function ProblemNote({ problem }: Props) {
  const say = useFaultWords();
  if (problem === null) return null;
  const detail = problem instanceof Error ? problem.message : problem.detail;
  const faults: readonly FieldError[] = problem.errors ?? [];
  return (
    <p className="problem" role="alert">
      {problem.code === "invalid_fields" && faults.length > 0
        ? [...new Set(faults.map((fault) => say(fault)))].join(" ")
        : detail}
    </p>
  );
}
