/** Samples of a profiler, told as time by whose it is. */
import { expect, test } from "vitest";
import { byOwner, spentIn } from "../../../bench/profile/processor.ts";

const BUNDLE = `// node_modules/@scope/package/dist/index.js
function vendor() {}
// src/thread/runner.ts
function ours() {}
// src/core/team/team-work.ts
function deeper() {}`;

const frame = (id: number, functionName: string, lineNumber: number, url = "index.js") => ({
  id,
  callFrame: { functionName, scriptId: url === "index.js" ? "7" : "0", url, lineNumber },
});

const NODES = [
  frame(1, "(idle)", -1, ""),
  frame(2, "vendor", 1),
  frame(3, "ours", 3),
  frame(4, "deeper", 5),
  frame(5, "exec", -1, ""),
  frame(6, "(garbage collector)", -1, ""),
  frame(7, "query", 12, "cloudflare-internal:d1-api"),
  frame(8, "ours", 3),
];

function spent(samples: readonly number[], timeDeltas: readonly number[]) {
  const profile = { nodes: NODES, samples: [...samples], timeDeltas: [...timeDeltas] };
  return spentIn(profile, new Map([["7", BUNDLE]]));
}

test("each function's time is its own, by the room or the package whose it is", () => {
  const told = spent([2, 3, 3, 4, 5, 6, 7], [100, 100, 100, 100, 50, 40, 30]);
  expect(told).toEqual([
    { whose: "src/thread", name: "ours", milliseconds: 0.2 },
    { whose: "@scope/package", name: "vendor", milliseconds: 0.1 },
    { whose: "src/core/team", name: "deeper", milliseconds: 0.1 },
    { whose: "workerd", name: "exec", milliseconds: 0.05 },
    { whose: "garbage collector", name: "(garbage collector)", milliseconds: 0.04 },
    { whose: "workerd", name: "query", milliseconds: 0.03 },
  ]);
  expect(byOwner(told).map(({ whose }) => whose)).toEqual([
    "src/thread",
    "@scope/package",
    "src/core/team",
    "workerd",
    "garbage collector",
  ]);
});

test("a function that is called from two places is told of once", () => {
  const [only, ...others] = spent([3, 8], [100, 100]);
  expect(only?.milliseconds).toBe(0.2);
  expect(others).toEqual([]);
});

test("neither idleness nor the sleep before a sample counts as work", () => {
  expect(spent([1, 3], [5_000, 80_000])).toEqual([
    { whose: "src/thread", name: "ours", milliseconds: 0.2 },
  ]);
});
