/** What a run is asked to do, and where it stands: all that the loop is given. */
import type { CallerTool } from "../protocol/caller.ts";
import type { MessageId, RunId, UserId, WorkspaceId } from "../protocol/ids.ts";
import type { Step } from "./checkpoint.ts";
import type { ModelMessage } from "./model.ts";
import type { Team } from "./team/team.ts";
import type { Tool } from "./tool.ts";

/** What is run: fixed from the moment the message was accepted. */
export interface RunOrder {
  readonly runId: RunId;
  readonly answerId: MessageId;
  readonly userId: UserId;
  readonly workspaceId: WorkspaceId;
  readonly question: string;
  readonly model: string;
  readonly agent: { readonly name: string; readonly tools: readonly Tool[] };
  /** Functions of the caller's: the run's own agent may ask for them, and ends the run with that. */
  readonly callerTools: readonly CallerTool[];
  /** Whether it has to ask for one of them, before and instead of anything else. */
  readonly mustCall?: boolean;
  /** The work ahead, one sentence a step. */
  readonly plan: readonly string[];
  /** The agent's instructions, the conversation before, and the question last. */
  readonly conversation: readonly ModelMessage[];
  /** Whom the agent may give the work to; null where it answers alone. */
  readonly team: Team | null;
}

/** Where the run stands: at its beginning, or where an earlier life of it was cut off. */
export interface RunProgress {
  /** When `agent_started` was committed, in milliseconds since the Unix epoch; null before. */
  readonly startedAt: number | null;
  /** Whether an earlier life of the run was cut off, rather than the run only just begun. */
  readonly resumed: boolean;
  readonly steps: readonly Step[];
  /** What the turn that was cut off had written: kept where no other turn follows. */
  readonly draft: string;
}
