/** Who of the team works now, as the timeline of a run tells it. */
import { describe, expect, test } from "vitest";
import type { RunView } from "../../../src/protocol/thread-view.ts";
import { workingParts } from "../../../src/protocol/thread-view.ts";

/** A run of the supervisor whose handoffs went so, as "from → to". */
function runOf(handoffs: readonly string[], status: RunView["status"] = "running") {
  const timeline = handoffs.map((handoff, index) => {
    const [agent = "", to = ""] = handoff.split(" → ");
    return { kind: "handoff", seq: index + 1, at: "", agent, to, reason: "" } as const;
  });
  return { status, agent: "supervisor", timeline };
}

const BOTH = ["supervisor → data", "supervisor → data-helper"];

describe("the parts that work now", () => {
  test.each([
    ["nobody before a handoff", [], []],
    ["all that were handed their work", BOTH, ["data", "data-helper"]],
    ["not who gave it back", [...BOTH, "data → supervisor"], ["data-helper"]],
  ])("are %s", (_, handoffs, working) => {
    expect(workingParts(runOf(handoffs))).toEqual(working);
  });

  test("are nobody's once the run has ended", () => {
    expect(workingParts(runOf(BOTH, "cancelled"))).toEqual([]);
  });
});
