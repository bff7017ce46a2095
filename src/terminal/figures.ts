/** The figures of an answer, and what each of them rests on, as they are printed. */
import type { Finding } from "../protocol/entities.ts";
import { counted, unitBehind } from "../protocol/plural.ts";
import type { ThreadView } from "../protocol/thread-view.ts";
import { oneLine } from "./plain-text.ts";
import { toolCalls } from "./render.ts";

const exactly = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });

/** @returns the figures that the newest answer states, in its order, each with its evidence. */
export function figureLines(view: ThreadView): string[] {
  const answer = view.messages.findLast(
    ({ role, runId }) => role === "assistant" && view.runs[runId]?.grounding,
  );
  const run = answer && view.runs[answer.runId];
  if (!answer || !run?.grounding) return ["No answer with figures was given here yet."];
  const { citations, unverified } = run.grounding;
  const said = ({ offset, length }: { readonly offset: number; readonly length: number }) =>
    oneLine(answer.text.slice(offset, offset + length));
  const lines = citations.flatMap((span) => {
    const finding = run.findings.find(({ fact_id }) => fact_id === span.fact_id);
    return finding ? [`${said(span)}: ${evidenceOf(finding, view)}`] : [];
  });
  return [
    ...lines.map((line, index) => `${index + 1}. ${line}`),
    ...unverified.map((span) => `! ${said(span)}: no tool computed it`),
    lines.length === 0
      ? "No figure of the last answer comes from a tool."
      : "/expand with the number of a call shows all that it gave.",
  ];
}

function evidenceOf(finding: Finding, view: ThreadView): string {
  const { name, value, unit, interval, basis, n_records, call_id, tool_name } = finding;
  const number = toolCalls(view).findIndex(({ callId }) => callId === call_id) + 1;
  const bounds =
    interval === null
      ? ""
      : `, between ${exactly.format(interval.low)} and ${exactly.format(interval.high)}`;
  const source = `${basis} from ${counted(n_records, "record")} by #${number} ${oneLine(tool_name)}`;
  return `${oneLine(name)} is ${exactly.format(value)} ${oneLine(unitBehind(value, unit))}${bounds}; ${source}`;
}
