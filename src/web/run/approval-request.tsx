/** A tool call that waits for a person: what it would do, to whom, until when, and the two answers. */
import "./asking.css";
import { createContext, use, useId, useState } from "react";
import type { ApprovalDecision } from "../../protocol/approvals.ts";
import type { CallId } from "../../protocol/ids.ts";
import { useNow } from "../design/use-now.ts";
import { useWords } from "../words/words.ts";
import { agentName } from "./agent-name.ts";
import { useFormats } from "./formats.ts";
import type { ToolEntry } from "./team-parts.ts";

/** Decides about a call; null where nobody listens. */
export type Decide = (callId: CallId, decision: ApprovalDecision) => void;

export const DecideContext = createContext<Decide | null>(null);

/** The question while the call waits; nothing once it is decided. */
export function ApprovalRequest({ call }: { readonly call: ToolEntry }) {
  const words = useWords();
  const { approval } = words.run;
  const decide = use(DecideContext);
  const [isSent, setSent] = useState(false);
  const factsId = useId();
  if (call.approval === undefined || call.approval.decision !== null) return null;
  if (call.status !== "waiting") return null;

  function answer(decision: ApprovalDecision) {
    decide?.(call.callId, decision);
    setSent(true);
  }

  return (
    <fieldset className="approval" aria-describedby={factsId}>
      <legend>{approval.question(call.name)}</legend>
      <p className="approval-call" role="alert">
        {approval.title}
      </p>
      <dl id={factsId}>
        <Fact name={approval.what}>{call.operation}</Fact>
        {givenFacts(call.arguments).map(([name, value]) => (
          <Fact key={name} name={approval.givenName(name)}>
            {value}
          </Fact>
        ))}
        <Fact name={approval.asks}>{agentName(words, call.agent)}</Fact>
        <Fact name={approval.until}>
          <Until expiresAt={call.approval.expiresAt} />
        </Fact>
      </dl>
      {decide !== null && (
        <div className="actions">
          <span className="hint" role="status">
            {isSent ? approval.sent : approval.nothingYet}
          </span>
          <button type="button" disabled={isSent} onClick={() => answer("rejected")}>
            {approval.reject}
          </button>
          <button
            type="button"
            className="primary"
            disabled={isSent}
            onClick={() => answer("approved")}
          >
            {approval.approve}
          </button>
        </div>
      )}
    </fieldset>
  );
}

/** What was decided about a call; nothing where nobody was asked, or has answered. */
export function DecidedApproval({ call }: { readonly call: ToolEntry }) {
  const { approval } = useWords().run;
  const decision = call.approval?.decision;
  return decision ? <p className="hint">{approval.decided[decision]}</p> : null;
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Until({ expiresAt }: { readonly expiresAt: string }) {
  const { approval } = useWords().run;
  const { moment, fromNow } = useFormats();
  const now = useNow(30_000);
  return (
    <time dateTime={expiresAt}>
      {approval.untilValue(moment(expiresAt), fromNow(Date.parse(expiresAt) - now))}
    </time>
  );
}

/** What the call is given, by name: a person approves the whole of it. */
function givenFacts(given: ToolEntry["arguments"]): readonly (readonly [string, string])[] {
  if (typeof given !== "object" || given === null) return [];
  return Object.entries(given).map(([name, value]) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
}
