/** The way from a sign of trouble to what the runbooks say of it. */
import { Link } from "wouter";
import { runbookPath } from "../paths.ts";
import { useOperatorWords } from "./use-operator-words.ts";

interface Props {
  /** The event of the log that the runbooks tell of; null where there is nothing to read. */
  readonly event: string | null | undefined;
  /** What it is about. */
  readonly of: string;
}

export function RunbookLink({ event, of }: Props) {
  const words = useOperatorWords().runbook;
  if (event === null || event === undefined) return null;
  return (
    <Link className="runbook-link" href={runbookPath(event)} aria-label={words.linkOf(of)}>
      {words.link}
    </Link>
  );
}
