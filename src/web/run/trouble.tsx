/** A failure within a run: what went wrong, what to do about it, and when to try again. */
import "./asking.css";
import { ApexError } from "../../protocol/errors.ts";
import type { Problem } from "../../protocol/problem.ts";
import { ProblemText } from "../problem-note.tsx";

interface Props {
  readonly problem: Problem;
  /** When it failed, in milliseconds since the Unix epoch; null where that is not known. */
  readonly since: number | null;
}

export function Trouble({ problem, since }: Props) {
  return (
    <div className="note trouble" data-tone="danger">
      <ProblemText problem={ApexError.fromProblem(problem)} since={since} />
    </div>
  );
}
