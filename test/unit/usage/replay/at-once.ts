/** Works off a sliced computation without a break, where nobody else waits for a turn. */
import type { Sliced } from "../../../../src/core/slices.ts";

export function atOnce<Value>(work: Sliced<Value>): Value {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
