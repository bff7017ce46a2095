/** Admission to a thread's queue: bounded, in order, each message once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admit } from "../../../src/core/run-queue.ts";

const CONTENT = "What did we spend?";
const earlier = { run: "run-1", content: CONTENT };

describe("a message", () => {
  test("with an id that was used for another message is refused as a conflict", () => {
    const admission = admit("Something else", { earlier, waiting: 0, capacity: 10 });
    expect(admission).toMatchObject({
      outcome: "refused",
      error: { code: "idempotency_conflict", errors: [{ field: "client_message_id" }] },
    });
  });

  test("past the capacity is refused, told how many wait and when to try again", () => {
    const admission = admit(CONTENT, { earlier: null, waiting: 10, capacity: 10 });
    expect(admission).toMatchObject({
      outcome: "refused",
      error: { code: "queue_full", retryAfter: 5, message: expect.stringContaining("10 runs") },
    });
  });

  test("that is sent again gets its first run, also while the queue is full", () => {
    const admission = admit(CONTENT, { earlier, waiting: 10, capacity: 10 });
    expect(admission).toEqual({ outcome: "repeated", run: "run-1" });
  });

  test("takes its place behind those that wait", () => {
    const admission = admit(CONTENT, { earlier: null, waiting: 9, capacity: 10 });
    expect(admission).toEqual({ outcome: "accepted", position: 9 });
  });
});

test("a queue that admits what arrives gives the places in order and never grows past its capacity", () => {
  fc.assert(
    fc.property(fc.nat(20), fc.array(fc.boolean(), { maxLength: 60 }), (capacity, arrivals) => {
      let waiting = 0;
      for (const arrives of arrivals) {
        if (!arrives) {
          waiting = Math.max(0, waiting - 1);
          continue;
        }
        const admission = admit(CONTENT, { earlier: null, waiting, capacity });
        expect(admission).toMatchObject(
          waiting < capacity
            ? { outcome: "accepted", position: waiting }
            : { outcome: "refused", error: { code: "queue_full" } },
        );
        if (admission.outcome === "accepted") waiting += 1;
        expect(waiting).toBeLessThanOrEqual(capacity);
      }
    }),
  );
});
