/** The life of a run as its total table: every status against everything that can happen to it. */
import { describe, expect, test } from "vitest";
import { isFinal, type RunTransition, transition } from "../../../src/core/run-machine.ts";
import { RunStatus } from "../../../src/protocol/entities.ts";

const TRANSITIONS = [
  "start",
  "resume",
  "complete",
  "fail",
  "cancel",
] as const satisfies readonly RunTransition[];

/** Each line: the status, what follows each of TRANSITIONS (null: refused), and whether it is final. */
const TABLE: Readonly<
  Record<RunStatus, { readonly next: readonly (RunStatus | null)[]; readonly final: boolean }>
> = {
  queued: { next: ["running", null, null, null, null], final: false },
  running: { next: [null, "running", "completed", "failed", "cancelled"], final: false },
  completed: { next: [null, null, null, null, null], final: true },
  failed: { next: [null, null, null, null, null], final: true },
  cancelled: { next: [null, null, null, null, null], final: true },
};

describe.each(RunStatus.options)("a %s run", (status) => {
  const { next, final } = TABLE[status];

  test.each(TRANSITIONS.map((event, index) => ({ event, becomes: next[index] })))(
    "on $event becomes $becomes",
    ({ event, becomes }) => {
      expect(transition(status, event)).toBe(becomes);
    },
  );

  test(`has ${final ? "" : "not "}ended for good`, () => {
    expect(isFinal(status)).toBe(final);
  });
});
