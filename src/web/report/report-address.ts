/** Which report is open stands in the address: it can be linked to, and Back closes it. */
import { useLocation, useSearchParams } from "wouter";
import { text } from "../../client/checks.ts";
import type { RunId } from "../../protocol/ids.ts";

const PARAMETER = "report";
/** What a page's history remembers of a report that was opened from its answer. */
const OPENED_HERE = { openedFromAnswer: true };

/** @returns the address of a run's report, over the thread that is open; and the state to go there with. */
export function useReportLink(runId: RunId) {
  const [path] = useLocation();
  const query = new URLSearchParams({ [PARAMETER]: runId });
  return { href: `${path}?${query}`, state: OPENED_HERE };
}

/** @returns the run whose report is open, or null; and how it is closed. */
export function useOpenReport() {
  const [parameters, setParameters] = useSearchParams();
  const named: unknown = parameters.get(PARAMETER);

  function close() {
    if (history.state?.openedFromAnswer === true) {
      history.back();
      return;
    }
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        after.delete(PARAMETER);
        return after;
      },
      { replace: true },
    );
  }

  return { runId: text<RunId>(named) ? named : null, close };
}
