/** A report to take along: as Markdown, as JSON, and on paper. */
import { useContext } from "react";
import type { RunId } from "../../protocol/ids.ts";
import type { Report } from "../../protocol/report.ts";
import { useAttempt } from "../attempt.ts";
import { SignedInContext } from "../client-context.ts";
import { DownloadIcon, PrintIcon } from "../design/icons.tsx";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";

interface Props {
  readonly runId: RunId;
  readonly report: Report;
}

/** How long a file's address is kept after it was clicked, in milliseconds. */
const KEPT_MS = 60_000;

export function Exports({ runId, report }: Props) {
  const { exports: words } = useWords().report;
  const client = useContext(SignedInContext)?.client;
  const { pending, problem, run } = useAttempt();
  const name = `apex-report-${report.created_at.slice(0, 10)}`;
  return (
    <fieldset className="report-exports" aria-label={words.label}>
      {client && (
        <button
          type="button"
          className="quiet small"
          disabled={pending}
          onClick={() =>
            void run(async () => {
              const text = await client.runs.reportMarkdown(runId);
              download(`${name}.md`, "text/markdown", text);
            })
          }
        >
          <DownloadIcon />
          {words.markdown}
        </button>
      )}
      <button
        type="button"
        className="quiet small"
        onClick={() =>
          download(`${name}.json`, "application/json", `${JSON.stringify(report, null, 2)}\n`)
        }
      >
        <DownloadIcon />
        {words.json}
      </button>
      <button type="button" className="quiet small" onClick={() => print()}>
        <PrintIcon />
        {words.print}
      </button>
      <ProblemNote problem={problem} />
    </fieldset>
  );
}

function download(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
