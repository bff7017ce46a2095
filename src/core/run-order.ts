/** The input of the agent loop: what the run is asked to do, and how far it has come. */
import type { CallerTool } from "../protocol/caller.ts";
import type { MessageId, RunId, UserId, WorkspaceId } from "../protocol/ids.ts";
import type { Step } from "./checkpoint.ts";
import type { ModelMessage } from "./model.ts";
import type { Team } from "./team/team.ts";
import type { Tool } from "./tool.ts";

/** What a run is asked to do. It does not change once the message is accepted. */
export interface RunOrder {
  readonly runId: RunId;
  readonly answerId: MessageId;
  readonly userId: UserId;
  readonly workspaceId: WorkspaceId;
  readonly question: string;
  readonly model: string;
  readonly agent: { readonly name: string; readonly tools: readonly Tool[] };
  /** Functions of the client that asked. When the agent calls one, the run ends, and the client executes it. */
  readonly callerTools: readonly CallerTool[];
  /** Whether the agent must call one of them first, instead of answering. */
  readonly mustCall?: boolean;
  /** What the agent plans to do, as told to the user: one sentence per step. */
  readonly plan: readonly string[];
  /** What the model reads: the agent's instructions, the conversation so far, and last the question. */
  readonly conversation: readonly ModelMessage[];
  /** The team that the agent may delegate to; null if it answers alone. */
  readonly team: Team | null;
}

/** How far a run has come: nowhere yet, or to where an earlier process left it. */
export interface RunProgress {
  /** When `agent_started` was committed, in milliseconds since the Unix epoch; null before. */
  readonly startedAt: number | null;
  /** Whether an earlier process was cut off in the middle of it. */
  readonly resumed: boolean;
  readonly steps: readonly Step[];
  /** What the model turn that was cut off had written. */
  readonly draft: string;
}
