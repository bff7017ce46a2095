/** Says what went wrong, in the words the server chose for people. */
import type { ApexError } from "../protocol/errors.ts";
import type { Problem } from "../protocol/problem.ts";

interface Props {
  readonly problem: ApexError | Problem | null;
}

/** A problem's detail, announced at once; nothing where there is no problem. */
export function ProblemNote({ problem }: Props) {
  if (problem === null) return null;
  return (
    <p className="problem" role="alert">
      {problem instanceof Error ? problem.message : problem.detail}
    </p>
  );
}
