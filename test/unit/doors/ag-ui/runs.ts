/** Any legal run: its streams break and are begun anew, its agents hand over and call as they like. */
import fc, { type Arbitrary } from "fast-check";
import type { RunFrame } from "../../../../src/http/follow-run.ts";
import { CallId } from "../../../../src/protocol/ids.ts";
import { anyLog, type LogFrame } from "../../protocol/logs.ts";

const AGENTS = ["supervisor", "data", "triage"] as const;

const anyDice = fc.infiniteStream(fc.nat(8)).map((dice) => () => Number(dice.next().value));

/** The frames of one run, from its acceptance to its end. */
export const anyRun: Arbitrary<readonly RunFrame[]> = fc
  .tuple(anyLog, anyDice, fc.option(fc.string({ maxLength: 9 })))
  .map(([log, die, ending]) => {
    let calls = 0;
    return firstRunOf(log).map((frame): RunFrame => {
      const agent = AGENTS[die() % 3] ?? "data";
      switch (frame.type) {
        case "message_delta":
          return die() < 3 ? { ...frame, offset: Math.min(frame.offset, die()) } : frame;
        case "handoff":
          return {
            ...frame,
            data: { ...frame.data, from: agent, to: AGENTS[die() % 3] ?? "data" },
          };
        case "agent_completed":
          return ending === null
            ? frame
            : { ...frame, data: { ...frame.data, final_response: ending } };
        case "tool_executing":
          calls += 1;
          return { ...of(frame, agent), data: { ...frame.data, call_id: callId(calls) } };
        case "tool_completed":
          return { ...of(frame, agent), data: { ...frame.data, call_id: callId(calls) } };
        case "agent_thinking":
          return of(frame, agent);
        default:
          return frame;
      }
    });
  });

function of<Event extends { readonly context: { readonly agent: string | null } }>(
  event: Event,
  agent: string,
): Event {
  return { ...event, context: { ...event.context, agent } };
}

function callId(number: number): CallId {
  return CallId.parse(`call-${number}`);
}

function firstRunOf(log: readonly LogFrame[]): RunFrame[] {
  return log.filter((frame) =>
    frame.type === "message_delta"
      ? frame.message_id === "answer-0"
      : frame.context.run_id === "run-0",
  );
}
