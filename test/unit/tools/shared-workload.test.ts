/** A workload that was read is kept for a minute, by the clock: timers may come late, or never. */
import { expect, it } from "vitest";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import { sharedWorkload } from "../../../src/tools/shared-workload.ts";
import type { UsageStore } from "../../../src/usage/store.ts";
import { absentWorkspaces } from "../usage/absent-store.ts";
import { memoryStore } from "../usage/memory-store.ts";
import { usageRecord } from "../usage/records.ts";

it("is read anew once a minute is over, though no timer ever fired", async () => {
  const to = Date.UTC(2026, 9, 31);
  let now = to;
  const clock: Clock = {
    ...systemClock,
    now: () => now,
    sleep: (ms) => (ms === 0 ? Promise.resolve() : new Promise(() => {})),
  };
  let scans = 0;
  const inner = memoryStore([usageRecord()]);
  const usage: UsageStore = {
    ...inner,
    scan(scope) {
      scans += 1;
      return inner.scan(scope);
    },
  };
  const read = () =>
    sharedWorkload(
      { usage, clock, workspaces: absentWorkspaces() },
      { workspaceId: "sample", from: 0, to, filters: {} },
      1,
      new AbortController().signal,
    );
  await read();
  now = to + 59_999;
  await read();
  expect(scans).toBe(1);
  now = to + 60_000;
  await read();
  expect(scans).toBe(2);
});
