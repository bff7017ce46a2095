/** What one agent of a run is asked to do: the run's own, or a part of its team. */
import type { CallerTool } from "../../protocol/caller.ts";
import type { ModelMessage } from "../model.ts";
import type { RunOrder } from "../run-order.ts";
import type { Tool } from "../tool.ts";
import type { Submission } from "./submission.ts";

export interface AgentOrder {
  readonly name: string;
  /** The part of the team that it is; null for the run's own agent. */
  readonly part: string | null;
  readonly tools: readonly Tool[];
  /** Functions of the caller's that it may ask for; with such a call its work ends. */
  readonly callerTools: readonly CallerTool[];
  /** Its instructions, and what it is given to work on. */
  readonly conversation: readonly ModelMessage[];
  /** Whether its text is the run's answer. */
  readonly speaks: boolean;
  /** By which call it may end its work, or, where it `mustSubmit`, has to. */
  readonly submission: Submission | null;
  readonly mustSubmit: boolean;
}

/** @returns what the run's own agent is asked to do: to answer, or to give the work to its team. */
export function ownOrder({ agent, callerTools, conversation, team }: RunOrder): AgentOrder {
  return {
    ...agent,
    part: null,
    callerTools,
    conversation,
    speaks: true,
    submission: team?.delegation ?? null,
    mustSubmit: false,
  };
}
