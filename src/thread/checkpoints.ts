/** Stores what a run yields: its events, its steps and its outcome, each commit one transaction. */
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

export interface CheckpointsParts {
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
   * Stores a checkpoint, and adds its steps to those given.
   * @returns its events, to be sent now.
   * @throws where another life has taken the run over; nothing was stored.
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
      // A run that ends is written once more anyway, when its last event is.
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
   * Lets go of a run until a decision, or until the time for one is over.
   * @param steps what this life knows of it: where more is stored, somebody has decided meanwhile.
   * @throws where another life has taken the run over.
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
