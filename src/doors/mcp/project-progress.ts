/** A run's events as the progress of the call that began it: one sentence each, none for pieces of text. */
import type { RunFrame } from "../../http/follow-run.ts";
import { counted } from "../../protocol/plural.ts";

/** @returns what a frame tells of how far the run is; null where it is no news. */
export function progressOf(frame: RunFrame): string | null {
  switch (frame.type) {
    case "message_accepted":
      return frame.data.queue_position > 0
        ? `The run waits behind ${counted(frame.data.queue_position, "other")}.`
        : null;
    case "agent_started":
      return `The ${frame.data.agent_type} agent begins, with ${frame.data.model}.`;
    case "agent_thinking":
      return frame.data.reasoning;
    case "handoff":
      return `${frame.data.from} → ${frame.data.to}: ${frame.data.reason}`;
    case "approval_requested":
      return `A person has to approve: ${frame.data.operation}`;
    case "approval_decided":
      return `The call was ${frame.data.decision}.`;
    case "tool_executing":
      return frame.data.operation;
    case "tool_completed":
      return `${frame.data.tool_name} ${frame.data.status} after ${Math.round(frame.data.duration_ms)} ms.`;
    case "agent_fallback":
      return `${frame.data.reason} ${frame.data.action}`;
    case "message_delta":
    case "thread_updated":
    case "agent_completed":
      return null;
  }
}
