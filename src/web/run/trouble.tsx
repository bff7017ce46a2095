/** A failure in plain words: what went wrong, what to do about it, and when to try again. */
import "./asking.css";
import type { Problem } from "../../protocol/problem.ts";
import { useWords } from "../words/words.ts";
import { useFormats } from "./formats.ts";
import { useNow } from "./use-now.ts";

interface Props {
  readonly problem: Problem;
  /** When it failed, in milliseconds since the Unix epoch; null where that is not known. */
  readonly since: number | null;
}

export function Trouble({ problem, since }: Props) {
  const { run: words } = useWords();
  const { lines, common } = words.advice;
  const { retry_after: wait } = problem;
  return (
    <div className="note trouble" data-tone="danger">
      <p className="problem">{problem.detail}</p>
      <p className="advice">
        {lines[problem.code] ?? common}{" "}
        {wait !== undefined && since !== null && <RetryTime at={since + wait * 1_000} />}
      </p>
    </div>
  );
}

/** Read out once: the wait it tells is not counted down aloud. */
function RetryTime({ at }: { readonly at: number }) {
  const { run: words } = useWords();
  const { fromNow } = useFormats();
  const now = useNow(5_000);
  return (
    <span aria-live="off">{now < at ? words.retryIn(fromNow(at - now)) : words.retryNow}</span>
  );
}
