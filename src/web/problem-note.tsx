/** What went wrong, what to do about it, and when to try again: in the page's words. */
import { useMemo } from "react";
import { type Failure, useFailureWords } from "./problem-words.ts";
import { RetryTime } from "./retry-time.tsx";
import { useWords } from "./words/words.ts";

interface Props {
  readonly problem: Failure | null;
}

/** Announced at once; nothing where there is no problem. */
export function ProblemNote({ problem }: Props) {
  /** The wait that it asks for is counted from when it is told. */
  const since = useMemo(() => (problem === null ? null : Date.now()), [problem]);
  if (problem === null) return null;
  return (
    <div className="problem-note" role="alert">
      <ProblemText problem={problem} since={since} />
    </div>
  );
}

interface TextProps {
  readonly problem: Failure;
  /** When it failed, in milliseconds since the Unix epoch; null where that is not known. */
  readonly since: number | null;
}

/** The same without an announcement. */
export function ProblemText({ problem, since }: TextProps) {
  const { problems: words } = useWords();
  const tell = useFailureWords();
  const { what, toDo, passes, serverSays } = tell(problem);
  const { retryAfter } = problem;
  const isTimed = retryAfter !== undefined && since !== null;
  return (
    <>
      <p className="problem">{what}</p>
      {serverSays !== null && <p className="server-says">{serverSays}</p>}
      {(toDo !== null || passes || isTimed) && (
        <p className="advice">
          {toDo} {isTimed && <RetryTime at={since + retryAfter * 1_000} />}
          {!isTimed && passes && words.later}
        </p>
      )}
    </>
  );
}
