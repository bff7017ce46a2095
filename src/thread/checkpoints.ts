/** Stores what the agent loop yields. Each checkpoint (events, steps, the run's state) is one transaction. */
import type { Step } from "../core/checkpoint.ts";
import type { LoopOutput } from "../core/run-work.ts";
import type { ThreadLog } from "../core/thread-log.ts";
import type { LoggedEvent } from "../protocol/events.ts";
import type { HistoryOutbox } from "./history-outbox.ts";
import type { Ports } from "./ports.ts";
import { outcomeOf } from "./run-outcome.ts";
import type { RunRow } from "./run-row.ts";
import type { RunRows } from "./run-rows.ts";
import type { CommitNote, ThreadJournal } from "./thread-journal.ts";

interface CheckpointsParts {
  readonly storage: DurableObjectStorage;
  readonly log: ThreadLog<CommitNote>;
  readonly runs: RunRows;
  readonly outbox: HistoryOutbox;
  readonly journal: Pick<ThreadJournal, "steps">;
  readonly ports: Ports;
}

export class Checkpoints {
  readonly #parts: CheckpointsParts;

  constructor(parts: CheckpointsParts) {
    this.#parts = parts;
  }

  /**
   * Stores a checkpoint.
   * @param steps the run's steps so far; those of the checkpoint are appended.
   * @returns its events, which may be sent now.
   * @throws if the run was taken over by a later start of the object; then nothing was stored.
   */
  commit(
    run: RunRow,
    output: Extract<LoopOutput, { type: "checkpoint" }>,
    steps: Step[],
  ): readonly LoggedEvent[] {
    const { storage, runs, log, outbox, ports } = this.#parts;
    return storage.transactionSync(() => {
      const held = runs.held(run);
      if (held === null) throw new Error("Another life of the object holds the run.");
      const ends = output.steps.some(({ kind }) => kind === "end");
      const events = log.append(output.events, {
        run: run.accepted_seq,
        ...(output.steps.length > 0 && { steps: [...output.steps] }),
        ...(ends && { history: true }),
        saved: outbox.noteSaved(),
      });
      steps.push(...output.steps);
      // The last event writes the run's row anyway, so the step before it need not.
      if (output.steps.length > 0 && !ends) runs.progress(held);
      for (const event of events) {
        if (event.type === "agent_started") {
          const at = Date.parse(event.context.timestamp);
          runs.start(held, { seq: event.seq, at, codeVersion: ports.codeVersion });
        } else if (event.type === "agent_completed") {
          const outcome = outcomeOf(held, steps, ports.model.cost);
          if (outcome === null) throw new Error("A run is completed before it has ended.");
          runs.finish(held, { ...outcome, endedSeq: event.seq });
          outbox.trimJournal();
        }
      }
      return events;
    });
  }

  /**
   * Parks a run until a person has decided, or until the time for that is over.
   * @param until that time, in milliseconds since the Unix epoch.
   * @param steps the steps that the loop knew. If more are stored, somebody decided meanwhile, and the run is
   *   to be resumed at once.
   * @throws if the run was taken over by a later start of the object.
   */
  park(run: RunRow, until: number, steps: readonly Step[]): void {
    const { storage, runs, journal, ports } = this.#parts;
    storage.transactionSync(() => {
      const held = runs.held(run);
      if (held === null) throw new Error("Another life of the object holds the run.");
      const isDecided = journal.steps(run.accepted_seq).length > steps.length;
      runs.park(held, isDecided ? ports.clock.now() : until);
    });
  }
}
