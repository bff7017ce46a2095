/** A tool call that waits for a person: what it would do, until when, and the two answers to it. */
import { createContext, use } from "react";
import type { ApprovalDecision } from "../../protocol/approvals.ts";
import type { CallId } from "../../protocol/ids.ts";
import type { TimelineEntry } from "../../protocol/thread-view.ts";

/** Decides about a call; null where nobody listens. */
export type Decide = (callId: CallId, decision: ApprovalDecision) => void;

export const DecideContext = createContext<Decide | null>(null);

type ToolEntry = Extract<TimelineEntry, { kind: "tool" }>;

const DECIDED = {
  approved: "Approved.",
  rejected: "Rejected: it was not executed.",
  expired: "Nobody decided in time: it was not executed.",
} as const satisfies Record<NonNullable<NonNullable<ToolEntry["approval"]>["decision"]>, string>;

/** The buttons while the call waits, and what was decided after that. */
export function ApprovalRequest({ call }: { readonly call: ToolEntry }) {
  const decide = use(DecideContext);
  if (call.approval === undefined) return null;
  const { expiresAt, decision } = call.approval;
  if (decision !== null) return <p className="hint">{DECIDED[decision]}</p>;
  if (call.status !== "waiting") return null;
  return (
    <fieldset className="approval">
      <legend>
        Allow <code>{call.name}</code>?
      </legend>
      <p>
        {call.operation} It waits until{" "}
        <time dateTime={expiresAt}>{new Date(expiresAt).toLocaleString()}</time>.
      </p>
      <div className="actions">
        <button type="button" onClick={() => decide?.(call.callId, "rejected")}>
          Reject
        </button>
        <button type="button" className="primary" onClick={() => decide?.(call.callId, "approved")}>
          Approve
        </button>
      </div>
    </fieldset>
  );
}
