/** Shows the report that the address names, over whatever thread is open. */
import { lazy, Suspense } from "react";
import type { ThreadView } from "../../protocol/thread-view.ts";
import { useOpenReport } from "./report-address.ts";

const ReportPanel = lazy(() => import("./report-panel.tsx"));

/** @param runs those of the thread: a report of theirs opens with the evidence of its figures. */
export function OpenReport({ runs }: Pick<ThreadView, "runs">) {
  const { runId, close } = useOpenReport();
  if (runId === null) return null;
  const run = Object.hasOwn(runs, runId) ? runs[runId] : undefined;
  return (
    <Suspense fallback={null}>
      <ReportPanel key={runId} runId={runId} run={run} onClose={close} />
    </Suspense>
  );
}
