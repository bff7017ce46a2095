/** A run in the middle of a replay, in a real Thread object: others have their turn, and a cancel ends the scan. */
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { d1UsageStore } from "../../../src/usage/d1-store.ts";
import { loadSampleRecords } from "../../../src/usage/load-sample.ts";
import { WorkloadBuilder } from "../../../src/usage/replay/workload-builder.ts";
import { beginThread } from "./conversation.ts";

const PATIENCE = 120_000;
/** How long the replay gives way, once it has begun: any of its pauses would do, but a test has to catch one. */
const PAUSE_MS = 5_000;
/** More than all that is left of the scan would take. */
const AFTERWARDS_MS = 300;

/** Counts pages as they are folded; from the first one on each pause is a long one. */
function holdReplay() {
  const { add } = WorkloadBuilder.prototype;
  const { sleep } = systemClock;
  const folded = { pages: 0 };
  vi.spyOn(WorkloadBuilder.prototype, "add").mockImplementation(function (
    this: WorkloadBuilder,
    page,
  ) {
    folded.pages += 1;
    add.call(this, page);
  });
  vi.spyOn(systemClock, "sleep").mockImplementation((milliseconds, signal) =>
    sleep(milliseconds === 0 && folded.pages > 0 ? PAUSE_MS : milliseconds, signal),
  );
  return folded;
}

beforeAll(async () => {
  await loadSampleRecords(d1UsageStore(env.DB), { endsAt: Date.now(), scale: 0.04 });
}, PATIENCE);

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a cancel during the main question", { timeout: PATIENCE }, () => {
  it("ends the run in the middle of its replay, and nothing is scanned afterwards", async () => {
    const folded = holdReplay();
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("Cut our AI costs by 30 % without hurting latency");
    await vi.waitFor(() => expect(folded.pages).toBe(1), { timeout: PATIENCE, interval: 10 });

    const other = await thread.connect();
    await other.answers();
    client.send({ type: "cancel" });
    const { data } = await client.completed(run_id);
    expect(data.status).toBe("cancelled");
    const closed = client.events.filter(({ type }) => type === "tool_completed");
    expect(closed).toContainEqual(
      expect.objectContaining({
        data: expect.objectContaining({ tool_name: "portfolio_roi", status: "cancelled" }),
      }),
    );

    vi.mocked(systemClock.sleep).mockRestore();
    await systemClock.sleep(AFTERWARDS_MS);
    expect(folded.pages).toBe(1);
  });
});
