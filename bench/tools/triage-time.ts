/** How long triage takes, read from the log of a run: that is the product's own time, where the model takes none. */
import type { LoggedEvent } from "../../src/client/index.ts";

/** In milliseconds, by the server's clock. */
export interface TriageTime {
  /** From the run's begin until triage hands on its findings: then it is settled who works. */
  readonly ms: number;
  /** Of it in triage's tools. */
  readonly inTools: number;
}

/**
 * @param events one run's, in their order.
 * @returns what triage took, or null where the run had none, or none that handed anything back.
 */
export function triageTimeOf(events: readonly LoggedEvent[]): TriageTime | null {
  const begun = events.find(({ type }) => type === "agent_started");
  const settled = events.find((event) => event.type === "handoff" && event.data.from === "triage");
  if (!begun || !settled) return null;
  const calls = events.flatMap((event) =>
    event.type === "tool_completed" && event.context.agent === "triage" ? [event.data] : [],
  );
  return {
    ms: Date.parse(settled.context.timestamp) - Date.parse(begun.context.timestamp),
    inTools: calls.reduce((sum, { duration_ms }) => sum + duration_ms, 0),
  };
}
