/** Takes decisions about tool calls that wait for one: the first stands, in one transaction with its event. */
import { assertPermitted } from "../auth/permission.ts";
import { approvalOf } from "../core/approval.ts";
import type { ThreadLog } from "../core/thread-log.ts";
import type { Grant } from "../durable/grant.ts";
import type {
  ApprovalDecided,
  ApprovalDecision,
  ApprovalReceipt,
  ApprovalRequested,
} from "../protocol/approvals.ts";
import { ApexError } from "../protocol/errors.ts";
import type { LoggedEvent } from "../protocol/events.ts";
import type { CallId, RunId, ThreadId } from "../protocol/ids.ts";
import { toolScope } from "../protocol/scopes.ts";
import type { Deletion } from "./deletion.ts";
import type { Ports } from "./ports.ts";
import type { RunRow } from "./run-row.ts";
import type { RunRows } from "./run-rows.ts";
import type { Runner } from "./runner.ts";
import type { CommitNote, ThreadJournal } from "./thread-journal.ts";

/** What somebody says to a call. */
export interface GivenDecision {
  /** null where the call alone is named. */
  readonly runId: RunId | null;
  readonly callId: CallId;
  readonly decision: ApprovalDecision;
}

/** What a person decided, which the clock can't take back. */
type Decided = ApprovalDecided & { readonly data: { readonly decision: ApprovalDecision } };

interface ApprovalsParts {
  readonly threadId: ThreadId;
  readonly storage: DurableObjectStorage;
  readonly journal: ThreadJournal;
  readonly log: ThreadLog<CommitNote>;
  readonly runs: RunRows;
  readonly deletion: Deletion;
  readonly runner: Runner;
  readonly ports: Pick<Ports, "clock">;
  /** Tells everybody what was committed. */
  readonly tell: (events: readonly LoggedEvent[]) => void;
  /** Called when the thread has become busy. */
  readonly onChange: () => void;
}

export class Approvals {
  readonly #parts: ApprovalsParts;

  constructor(parts: ApprovalsParts) {
    this.#parts = parts;
  }

  /**
   * @param by what is granted to who decides: nobody has a call executed that they may not have made.
   * @returns the event of the decision; of the first, where the same is said once more.
   * @throws {ApexError} `not_found`, `forbidden`, `already_decided` or `approval_expired`; nothing changed.
   */
  decide({ runId, callId, decision }: GivenDecision, by: Pick<Grant, "scopes">): Decided {
    const { deletion, journal, onChange, ports, runner, runs, storage, tell } = this.#parts;
    deletion.assertStanding();
    const asked = journal.approval(callId, runId);
    const run = asked && runs.get(asked.requested.context.run_id);
    if (asked === null || run === null) throw unknown();
    const { requested, decided } = asked;
    if (decision === "approved") this.#assertMay(requested, by);
    if (decided !== null) return assertSame(decided, decision);
    if (run.cancelled || run.ended_at !== null) throw over();
    if (ports.clock.now() >= Date.parse(requested.data.expires_at)) {
      runner.ensure();
      throw tooLate();
    }
    const event = storage.transactionSync(() => this.#commit(requested, run, decision));
    onChange();
    tell([event]);
    runner.ensure();
    return event;
  }

  #commit({ context, data }: ApprovalRequested, run: RunRow, decision: ApprovalDecision): Decided {
    const { journal, log, ports, runs } = this.#parts;
    const { run_id, agent } = context;
    const step = approvalOf(journal.steps(run.accepted_seq), data.call_id);
    if (step === null) throw new Error("A call that was asked about has no checkpoint.");
    const decided = { call_id: data.call_id, decision, by: "user" } as const;
    const [event] = log.append([{ type: "approval_decided", run_id, agent, data: decided }], {
      run: run.accepted_seq,
      steps: [{ ...step, state: decision }],
    });
    if (event?.type !== "approval_decided") throw new Error("A decision was not logged.");
    if (run.parked_until !== null) runs.park(run, ports.clock.now());
    return assertSame(event, decision);
  }

  #assertMay({ data }: ApprovalRequested, { scopes }: Pick<Grant, "scopes">): void {
    assertPermitted(scopes, toolScope(data.tool_name));
  }
}

/** @returns a decision as it is told to who made it over HTTP. */
export function receiptOf({ seq, context, data }: Decided): ApprovalReceipt {
  const { call_id, decision } = data;
  return { run_id: context.run_id, call_id, decision, decided_at: context.timestamp, seq };
}

/** @throws {ApexError} where the decision that stands is another one. */
function assertSame(decided: ApprovalDecided, decision: ApprovalDecision): Decided {
  const { data } = decided;
  if (data.decision === "expired") throw tooLate();
  if (data.decision === decision) return { ...decided, data: { ...data, decision } };
  throw new ApexError("already_decided", `The tool call was ${data.decision} before.`);
}

function unknown(): ApexError {
  return new ApexError("not_found", "No tool call of this thread waits for an approval.", {
    errors: [{ field: "call_id", message: "names no call that waits" }],
  });
}

function over(): ApexError {
  return new ApexError("already_decided", "The run has ended, and its tool calls with it.");
}

function tooLate(): ApexError {
  return new ApexError("approval_expired", "The time to decide about this tool call is over.");
}
