/**
 * The thread's promises, whatever happens in whatever order: stories at random, each on a thread of
 * its own in the real workerd. A failure names its seed and is shrunk to a short story.
 *
 * Fifteen stories of some 36 steps each, so five hundred steps and more.
 * `VITE_PROMISE_RUNS=1000 VITE_PROMISE_STEPS=60` tells more and longer stories; `VITE_PROMISE_SEED`
 * tells those of a failure again.
 */
import fc from "fast-check";
import { afterAll, it, vi } from "vitest";
import { z } from "zod";
import { expectGone, expectPromises, expectSoFar, expectTruth } from "./promise-checks.ts";
import { stories } from "./promise-commands.ts";
import { PromiseWorld } from "./promise-world.ts";

const { RUNS, STEPS, SEED } = z
  .object({
    VITE_PROMISE_RUNS: z.coerce.number().default(10),
    VITE_PROMISE_STEPS: z.coerce.number().default(70),
    VITE_PROMISE_SEED: z.coerce.number().optional(),
  })
  .transform((env) => ({
    RUNS: env.VITE_PROMISE_RUNS,
    STEPS: env.VITE_PROMISE_STEPS,
    SEED: env.VITE_PROMISE_SEED === undefined ? {} : { seed: env.VITE_PROMISE_SEED },
  }))
  .parse(process.env);

/** After these the object is left as it is, dead or asleep: to look at it would wake it. */
const LETS_LIE: readonly string[] = ["die", "update", "sleep"];

/** Far more than the stories take, in milliseconds; what is left of it goes to shrinking a failure. */
const PATIENCE_MS = 60_000 + RUNS * 12_000;
/** Time to tell of a failure that is not shrunk to its end, seed and all, in milliseconds. */
const LAST_WORDS_MS = 30_000;

afterAll(() => {
  vi.restoreAllMocks();
});

it("keeps its promises, whatever happens and in whatever order", {
  timeout: PATIENCE_MS,
}, async () => {
  const property = fc.asyncProperty(stories(STEPS), async ({ steps, deleted }) => {
    const world = await PromiseWorld.begin();
    try {
      for (const command of steps) {
        await world.carryOut(command);
        await (LETS_LIE.includes(command.do) ? expectTruth(world) : expectSoFar(world));
      }
      if (deleted) await world.delete();
    } finally {
      if (!deleted) await world.drain();
    }
    await (deleted ? expectGone(world) : expectPromises(world));
  });
  const patience = {
    interruptAfterTimeLimit: PATIENCE_MS - LAST_WORDS_MS,
    markInterruptAsFailure: true,
  };
  await fc.assert(property, { numRuns: RUNS, ...patience, ...SEED });
});
