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
  /** Whether its turn has to be a call: then nothing is offered but the caller's functions. */
  readonly mustCall: boolean;
  /** Its instructions, and what it is given to work on. */
  readonly conversation: readonly ModelMessage[];
  /** Whether its text is the run's answer. */
  readonly speaks: boolean;
  /** By which call it may end its work, or, where it `mustSubmit`, has to. */
  readonly submission: Submission | null;
  readonly mustSubmit: boolean;
}

/** @returns what the run's own agent is asked to do: to answer, or to give the work to its team. */
export function ownOrder(order: RunOrder): AgentOrder {
  const { agent, callerTools, conversation, team, mustCall = false } = order;
  return {
    name: agent.name,
    tools: mustCall ? [] : agent.tools,
    part: null,
    callerTools,
    mustCall,
    conversation,
    speaks: true,
    submission: mustCall ? null : (team?.delegation ?? null),
    mustSubmit: false,
  };
}
