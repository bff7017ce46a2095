/** Admission to a thread's queue: bounded, in order, each message once, others ended only by wish. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Arrival, admit } from "../../../src/core/run-queue.ts";
import { Queueing } from "../../../src/protocol/commands.ts";
import { RunId } from "../../../src/protocol/ids.ts";

const earlier = { run: "run-1", isSame: true };

function says(queueing: Queueing): Arrival {
  return { queueing, replaces: null };
}

/** So many runs, as they wait in a thread. */
function runs(count: number): RunId[] {
  return Array.from({ length: count }, (_, index) => RunId.parse(`run-${index}`));
}

describe.each(Queueing.options)("whatever waits, a message that says %s", (queueing) => {
  test("with an id that was used for another message is refused as a conflict", () => {
    const queue = { earlier: { ...earlier, isSame: false }, waiting: runs(2), capacity: 10 };
    expect(admit(says(queueing), queue)).toMatchObject({
      outcome: "refused",
      error: { code: "idempotency_conflict", errors: [{ field: "client_message_id" }] },
    });
  });

  test("and is sent again gets its first run and ends none, also while the queue is full", () => {
    const admission = admit(says(queueing), { earlier, waiting: runs(20), capacity: 10 });
    expect(admission).toEqual({ outcome: "repeated", run: "run-1" });
  });

  test("goes first where nothing waits", () => {
    const admission = admit(says(queueing), { earlier: null, waiting: [], capacity: 10 });
    expect(admission).toEqual({ outcome: "accepted", position: 0, cancels: [] });
  });
});

describe("a new message", () => {
  const refused = (code: string, more = {}) => ({ outcome: "refused", error: { code, ...more } });
  const accepted = (position: number, cancels: readonly RunId[] = []) => ({
    outcome: "accepted",
    position,
    cancels,
  });

  test.each<[Queueing, waiting: number, admission: object]>([
    ["queue", 1, accepted(1)],
    ["queue", 9, accepted(9)],
    ["queue", 10, refused("queue_full", { retryAfter: 5, message: /^10 runs/ })],
    ["queue", 11, refused("queue_full")],
    ["reject", 1, refused("thread_busy", { activeRunId: "run-0" })],
    ["reject", 10, refused("thread_busy", { activeRunId: "run-0" })],
    ["interrupt", 1, accepted(1, runs(1))],
    ["interrupt", 10, accepted(10, runs(10))],
    ["interrupt", 19, accepted(19, runs(19))],
    ["interrupt", 20, refused("queue_full", { retryAfter: 5 })],
  ])("that says %s where %i runs wait", (queueing, waiting, expected) => {
    const queue = { earlier: null, waiting: runs(waiting), capacity: 10 };
    expect(admit(says(queueing), queue)).toMatchObject(expected);
  });
});

describe("a message that takes another's place", () => {
  const instead = (name: string): Arrival => ({ ...says("queue"), replaces: RunId.parse(name) });
  const cancels = (name: string) => {
    const admission = admit(instead(name), { earlier: null, waiting: runs(4), capacity: 10 });
    return admission.outcome === "accepted" ? admission.cancels : null;
  };

  test("cancels the run of that message, where it waits, and those after it", () => {
    expect(cancels("run-2")).toEqual(["run-2", "run-3"]);
    expect(cancels("run-0")).toEqual(runs(4));
  });

  test("cancels all that waits where that message has its answer already", () => {
    expect(cancels("ended")).toEqual(runs(4));
  });

  test("ends nothing where it is refused", () => {
    const queue = { earlier: null, waiting: runs(1), capacity: 10 };
    expect(admit({ ...instead("run-0"), queueing: "reject" }, queue)).toMatchObject({
      outcome: "refused",
      error: { code: "thread_busy" },
    });
  });
});

test("a queue that admits what arrives gives the places in order and never grows past its bound", () => {
  const happening = fc.constantFrom(...Queueing.options, "end" as const);
  fc.assert(
    fc.property(fc.nat(20), fc.array(happening, { maxLength: 60 }), (capacity, happenings) => {
      let waiting: readonly RunId[] = [];
      for (const happens of happenings) {
        if (happens === "end") {
          waiting = waiting.slice(1);
          continue;
        }
        const admission = admit(says(happens), { earlier: null, waiting, capacity });
        if (admission.outcome !== "accepted") continue;
        expect(admission.position).toBe(waiting.length);
        expect(admission.cancels).toEqual(happens === "interrupt" ? waiting : []);
        waiting = [...waiting, RunId.parse("another")];
        expect(waiting.length).toBeLessThanOrEqual(2 * capacity);
      }
    }),
  );
});
