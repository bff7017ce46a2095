/** What every button that asks the server for something needs: whether it waits, and what failed. */
import { useState } from "react";
import { ApexError } from "../protocol/errors.ts";

/** One action after another, and how the last one went. */
export interface Attempt {
  readonly pending: boolean;
  readonly problem: ApexError | null;
  /** Runs the action; its failure becomes `problem`, so the promise never rejects. */
  run(action: () => Promise<void>): Promise<void>;
}

/** @returns an attempt with nothing under way; the next one forgets the problem of the last. */
export function useAttempt(): Attempt {
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<ApexError | null>(null);
  return {
    pending,
    problem,
    async run(action) {
      setPending(true);
      setProblem(null);
      try {
        await action();
      } catch (error) {
        setProblem(ApexError.from(error));
      } finally {
        setPending(false);
      }
    },
  };
}
