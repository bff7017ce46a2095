/** What stands behind a figure: its exact value, its bounds, the records and the call it came from. */
import { type ReactNode, useId } from "react";
import { isObject, list, text } from "../../client/checks.ts";
import type { Finding } from "../../protocol/entities.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { formatFigure } from "./format.ts";

/** What tools tell of their figures, as far as a reader wants to know it. */
interface Background {
  readonly window: string | null;
  readonly prices: string | null;
  readonly records: readonly string[];
  readonly assumptions: readonly string[];
}

/** A figure of an answer, as a button that opens its evidence. */
export function CitedFigure(props: {
  readonly run: RunView;
  readonly factId: string;
  readonly children: ReactNode;
}) {
  const { run, factId, children } = props;
  const id = useId();
  const finding = run.findings.find(({ fact_id }) => fact_id === factId);
  if (finding === undefined) return children;
  return (
    <>
      <button type="button" className="figure" popoverTarget={id}>
        {children}
      </button>
      <span id={id} popover="auto" role="dialog" aria-label={`Evidence: ${finding.name}`}>
        <Evidence finding={finding} background={backgroundOf(run, finding)} />
      </span>
    </>
  );
}

function Evidence(props: { readonly finding: Finding; readonly background: Background | null }) {
  const { finding, background } = props;
  const { interval, unit, value } = finding;
  return (
    <span className="evidence">
      <b>{finding.name}</b>
      <Line name="Value">{`${formatFigure(value)} ${unit}`}</Line>
      {interval && (
        <Line name="Between">{`${formatFigure(interval.low)} and ${formatFigure(interval.high)}`}</Line>
      )}
      <Line name="Basis">{finding.basis}</Line>
      <Line name="Records">{formatFigure(finding.n_records)}</Line>
      <Line name="Tool">{finding.tool_name}</Line>
      {background?.window && <Line name="Window">{background.window}</Line>}
      {background?.prices && <Line name="Prices">{background.prices}</Line>}
      {background !== null && background.records.length > 0 && (
        <Line name="For example">{background.records.join(", ")}</Line>
      )}
      {background?.assumptions.map((assumption) => (
        <Line key={assumption} name="Assumes">
          {assumption}
        </Line>
      ))}
    </span>
  );
}

function Line({ name, children }: { readonly name: string; readonly children: string }) {
  return (
    <span className="line">
      <span className="name">{name}</span> <span>{children}</span>
    </span>
  );
}

/** @returns what the call that computed a figure told beside it; null where it is not known here. */
function backgroundOf({ timeline }: RunView, { call_id }: Finding): Background | null {
  const call = timeline.find((entry) => entry.kind === "tool" && entry.callId === call_id);
  if (call?.kind !== "tool" || !isObject(call.results)) return null;
  const { window, price_version, evidence, assumptions } = call.results;
  const spans = isObject(window) && text(window.from) && text(window.to);
  return {
    window: spans ? `${window.from} to ${window.to}` : null,
    prices: text(price_version) ? price_version : null,
    records: isObject(evidence) ? textsOf(evidence.sample_record_ids) : [],
    assumptions: textsOf(assumptions),
  };
}

const isTexts = list<string>(text);

function textsOf(value: unknown): readonly string[] {
  return isTexts(value) ? value : [];
}
