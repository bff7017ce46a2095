/** Runs as the one fold makes them, of frames that a test says. */
import type { ServerFrame } from "../../../../src/protocol/events.ts";
import { project } from "../../../../src/protocol/projection.ts";
import { EMPTY_THREAD, type RunView } from "../../../../src/protocol/thread-view.ts";
import * as frames from "../../client/frames.ts";

const ASKED = [frames.accepted(1, null), frames.started(2)];

/** @param said what follows the run's start, from seq 3 on. */
export function runOf(...said: ServerFrame[]): RunView {
  const { runs } = [...ASKED, ...said].reduce(project, EMPTY_THREAD);
  const run = runs["run-1"];
  if (run === undefined) throw new Error("These frames make no run.");
  return run;
}

export function handoff(
  seq: number,
  from: string,
  to: string,
  reason = "It is theirs.",
): ServerFrame {
  return frames.event(seq, "handoff", { from, to, reason, findings: [] }, from);
}

export function fallback(seq: number, data: object = {}): ServerFrame {
  return frames.event(seq, "agent_fallback", {
    part: "model",
    reason: "The model is away.",
    action: "Another answers.",
    until: null,
    ...data,
  });
}

export function thought(seq: number, reasoning: string, agent?: string): ServerFrame {
  return frames.event(seq, "agent_thinking", { reasoning, source: "loop" }, agent);
}

export function toolCall(seq: number, agent?: string): ServerFrame {
  return frames.event(
    seq,
    "tool_executing",
    {
      call_id: "call-1",
      tool_name: "analyze_workload",
      operation: "Measure the latency of the last month",
      arguments: { days: 30 },
    },
    agent,
  );
}

export function toolEnd(seq: number, data: object, agent?: string): ServerFrame {
  return frames.event(
    seq,
    "tool_completed",
    { call_id: "call-1", tool_name: "analyze_workload", duration_ms: 43, ...data },
    agent,
  );
}

export const FINDING = {
  fact_id: "analyze_workload.p99_latency",
  call_id: "call-1",
  tool_name: "analyze_workload",
  name: "p99 latency",
  value: 1234.5,
  unit: "ms",
  interval: { low: 1200, high: 1300 },
  n_records: 18_234,
  basis: "measured",
};

/** What a run comes to that found these figures. */
export function resultsWith(...findings: object[]) {
  return {
    findings,
    grounding: { citations: [], unverified: [] },
    outcome: null,
    report: null,
  };
}
