/** A report over the whole height of the page: read, ticked off, taken along, printed. */
import "./report.css";
import "./print.css";
import { type MouseEvent, useCallback, useEffect, useEffectEvent, useId, useRef } from "react";
import { createPortal } from "react-dom";
import type { RunId } from "../../protocol/ids.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { CloseIcon } from "../design/icons.tsx";
import { ProblemNote } from "../problem-note.tsx";
import { showCall } from "../run/show-call.ts";
import { ShowCallContext } from "../run/show-call-context.ts";
import { useWords } from "../words/words.ts";
import { Exports } from "./exports.tsx";
import { ReportContent } from "./report-content.tsx";
import { useReport } from "./use-report.ts";

interface Props {
  readonly runId: RunId;
  /** Undefined where its events are no longer told: then its figures stand without their evidence. */
  readonly run: RunView | undefined;
  readonly onClose: () => void;
}

export default function ReportPanel({ runId, run, onClose }: Props) {
  const { report: words } = useWords();
  const { report, problem } = useReport(runId, run);
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const headingId = useId();
  const title = report?.title ?? words.label;

  useEffect(() => {
    dialog.current?.showModal();
    heading.current?.focus();
  }, []);

  useEffect(() => {
    // A printed page, and a PDF's file, are named by it.
    const before = document.title;
    document.title = title;
    return () => {
      document.title = before;
    };
  }, [title]);

  const close = useEffectEvent(onClose);
  /** The call stands in the answer, which the report covers. */
  const leaveForCall = useCallback<typeof showCall>((of, callId) => {
    dialog.current?.close();
    showCall(of, callId);
  }, []);

  function closeAtBackdrop(event: MouseEvent) {
    if (event.target === dialog.current) dialog.current.close();
  }

  return createPortal(
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={dialog}
      className="report-panel"
      aria-labelledby={headingId}
      onClose={(event) => {
        if (event.target === dialog.current) close();
      }}
      onClick={closeAtBackdrop}
    >
      <header className="report-bar">
        <h2 id={headingId} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        {report !== null && <Exports runId={runId} report={report} />}
        <button
          type="button"
          className="icon"
          aria-label={words.close}
          onClick={() => dialog.current?.close()}
        >
          <CloseIcon />
        </button>
      </header>
      <div className="report-scroll">
        {report === null ? (
          <div className="report">
            {problem ? <ProblemNote problem={problem} /> : <p role="status">{words.loading}</p>}
          </div>
        ) : (
          <ShowCallContext value={leaveForCall}>
            <ReportContent runId={runId} run={run} report={report} />
          </ShowCallContext>
        )}
      </div>
    </dialog>,
    document.body,
  );
}
