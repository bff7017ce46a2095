/** What stands behind a figure: its exact value, its bounds, the records and the call it came from. */
import "./evidence.css";
import { type ReactNode, type ToggleEvent, useId, useState } from "react";
import type { Finding } from "../../protocol/entities.ts";
import { unitBehind } from "../../protocol/plural.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { CloseIcon } from "../design/icons.tsx";
import { useWords } from "../words/words.ts";
import { backgroundOf } from "./background.ts";
import { useFormats } from "./formats.ts";
import { useShowCall } from "./show-call-context.ts";

interface Props {
  readonly run: RunView;
  readonly factId: string;
  readonly children: ReactNode;
}

/** A figure as a button that opens its evidence; plain text where its fact is not known here. */
export function CitedFigure({ run, factId, children }: Props) {
  const { run: words } = useWords();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const finding = run.findings.find(({ fact_id }) => fact_id === factId);
  if (finding === undefined) return children;
  return (
    <>
      <button type="button" className="figure" popoverTarget={id}>
        {children}
      </button>
      {/* Inside a sentence as often as not, so all of it is phrasing content. */}
      <span
        id={id}
        className="evidence"
        popover="auto"
        role="dialog"
        aria-label={words.evidence.title(finding.name)}
        onBeforeToggle={(event: ToggleEvent) => setOpen(event.newState === "open")}
      >
        {isOpen && <Evidence run={run} finding={finding} popoverId={id} />}
      </span>
    </>
  );
}

/** Made only once it is looked at: an answer may cite a hundred figures. */
function Evidence(props: {
  readonly run: RunView;
  readonly finding: Finding;
  readonly popoverId: string;
}) {
  const { run, finding, popoverId } = props;
  const { evidence: words } = useWords().run;
  const formats = useFormats();
  const showCall = useShowCall();
  const { interval, unit, value } = finding;
  const background = backgroundOf(run, finding);
  return (
    <>
      <span className="evidence-head">
        <b>{finding.name}</b>
        <button
          type="button"
          className="small icon"
          aria-label={words.close}
          popoverTarget={popoverId}
          popoverTargetAction="hide"
        >
          <CloseIcon />
        </button>
      </span>
      <span className="evidence-value">{formats.measure(value, unit)}</span>
      {interval && (
        <Line name={words.interval}>
          {words.range(formats.amount(interval.low, unit), formats.amount(interval.high, unit))}
        </Line>
      )}
      <Line name={words.value}>{`${formats.exactly(value, unit)} ${unitBehind(value, unit)}`}</Line>
      <Line name={words.basis}>{words.bases[finding.basis]}</Line>
      <Line name={words.records}>{formats.count(finding.n_records)}</Line>
      {background?.window && (
        <Line name={words.window}>
          {formats.days(background.window.from, background.window.to)}
        </Line>
      )}
      {background?.prices && (
        <Line name={words.prices}>
          {background.prices.split(", ").map((version) => (
            <span key={version} className="each">
              {version}
            </span>
          ))}
        </Line>
      )}
      {background !== null && background.records.length > 0 && (
        <Line name={words.examples}>
          {background.records.map((record) => (
            <code key={record} className="each">
              {record}
            </code>
          ))}
        </Line>
      )}
      <Line name={words.source}>
        <code>{finding.tool_name}</code>{" "}
        {background !== null && (
          <button
            type="button"
            className="link"
            popoverTarget={popoverId}
            popoverTargetAction="hide"
            onClick={() => showCall(run.id, finding.call_id)}
          >
            {words.showCall}
          </button>
        )}
      </Line>
      {background !== null && background.assumptions.length > 0 && (
        <Line name={words.assumes}>
          {background.assumptions.map((assumption) => (
            <span key={assumption} className="each">
              {formats.sentence(assumption)}
            </span>
          ))}
        </Line>
      )}
    </>
  );
}

function Line({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <span className="line">
      <span className="name">{name}</span> <span>{children}</span>
    </span>
  );
}
