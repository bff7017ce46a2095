/** Cache against batch: no call gets both, each gets the better one, and chains of uses lose what moves. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UsageRecord } from "../../../../src/usage/record.ts";
import { batchOpportunity } from "../../../../src/usage/replay/batch-opportunity.ts";
import { cacheOpportunity } from "../../../../src/usage/replay/cache-opportunity.ts";
import { replayTogether } from "../../../../src/usage/replay/joint.ts";
import { atOnce } from "./at-once.ts";
import { callsAt, MINUTE, SPAN, START, workloadOf } from "./workloads.ts";

const MILLION = 1_000_000;
const patient = { interactive: 0, deadline_h: 24 } as const;
const attended = { interactive: 1 } as const;
/** Of a call's $10 a hit saves 90 % of what it shares, and a miss costs a quarter of that more. */
const sharing = (part: number) => ({ block_hmacs: [{ hmac: "system", tokens: part * MILLION }] });

function replay(records: readonly UsageRecord[]) {
  const workload = workloadOf(records);
  const cache = atOnce(cacheOpportunity(workload, SPAN, "5m"));
  const batch = atOnce(batchOpportunity(workload, SPAN));
  const joint = atOnce(replayTogether(workload, [batch, cache]));
  const [cached, batched] = joint.shares.map(({ marginalUsd }) => marginalUsd);
  return { ...joint, cached, batched, cacheAlone: cache.saving.usd, batchAlone: batch.saving.usd };
}

describe("a call that can wait and shares its beginning", () => {
  const minutes = Array.from({ length: 10 }, (_, minute) => minute);

  it("keeps to the cache where that saves more, and is not batched too", () => {
    const nightly = replay(callsAt(minutes, { ...patient, ...sharing(0.9) }));
    expect(nightly.batchAlone).toBe(50);
    expect(nightly.cacheAlone).toBeCloseTo(9 * 8.1 - 2.25, 9);
    expect(nightly.cached).toBeCloseTo(nightly.cacheAlone, 9);
    expect(nightly.batched).toBe(0);
  });

  it("moves to the batch where that saves more, and is not cached too", () => {
    const nightly = replay(callsAt(minutes, { ...patient, ...sharing(0.5) }));
    expect(nightly.cacheAlone).toBeCloseTo(9 * 4.5 - 1.25, 9);
    expect(nightly).toMatchObject({ cached: 0, batched: 50, usd: 50 });
  });

  it("is weighed for itself: a long answer moves, and the others stay", () => {
    const prompted = { ...patient, ...sharing(0.9) };
    const [long, ...short] = callsAt([2, 0, 1, 3, 4], prompted);
    const { cached, batched } = replay([
      ...short,
      ...(long ? [{ ...long, output_tokens: MILLION }] : []),
    ]);
    expect(batched).toBeCloseTo(5 + 25, 9);
    expect(cached).toBeCloseTo(3 * 8.1 - 2.25, 9);
  });

  it("stays where its use keeps the entry for somebody who waits", () => {
    const chat = callsAt([0, 6], { ...attended, ...sharing(0.5) });
    const { cached, batched } = replay([...chat, ...callsAt([3], { ...patient, ...sharing(0.5) })]);
    // A hit saves it $4.50, and another one the chat: a batch would save it $5.
    expect(cached).toBeCloseTo(2 * 4.5 - 1.25, 9);
    expect(batched).toBe(0);
  });

  it("leaves the chain where it moves: later uses miss what it would have kept", () => {
    const chat = callsAt([0, 1, 7], { ...attended, ...sharing(0.5) });
    const long = callsAt([4], { ...patient, ...sharing(0.5), output_tokens: MILLION });
    const { cached, batched, cacheAlone } = replay([...chat, ...long]);
    expect(cacheAlone).toBeCloseTo(3 * 4.5 - 1.25, 9);
    expect(batched).toBeCloseTo(5 + 25, 9);
    expect(cached).toBeCloseTo(4.5 - 2 * 1.25, 9);
  });

  it("still reads in a batch what it read as it was made", () => {
    const read = { ...patient, ...sharing(0.5), cache_read_tokens: MILLION / 2 };
    expect(replay(callsAt([0, 1], read))).toMatchObject({ batched: 5.5, batchAlone: 5.5 });
  });
});

/** A call of a night, or of a chat beside it, on a beginning that most share. */
const shared = fc.record({
  minute: fc.nat(30),
  part: fc.constantFrom(0.2, 0.5, 0.6, 0.9),
  output_tokens: fc.constantFrom(0, 0, 50_000, MILLION),
  cache_read_tokens: fc.constantFrom(0, 0, 0, MILLION / 10),
  waits: fc.boolean(),
});

const recordsOf = (
  calls: readonly (typeof shared extends fc.Arbitrary<infer Call> ? Call : never)[],
): UsageRecord[] =>
  calls.flatMap(({ minute, part, waits, ...changes }, index) =>
    callsAt([minute], {
      ...changes,
      ...(waits ? patient : attended),
      record_id: `record-${index}`,
      block_hmacs: [{ hmac: `system-${part}`, tokens: part * MILLION }],
    }),
  );

describe("whatever calls wait and share", () => {
  it("both together save no less than the cache, no more than both alone, and no part is negative", () => {
    fc.assert(
      fc.property(fc.array(shared, { maxLength: 40 }), (calls) => {
        const { shares, usd, spendUsd, cacheAlone, batchAlone } = replay(recordsOf(calls));
        expect(usd).toBeLessThanOrEqual(cacheAlone + batchAlone + 1e-9);
        expect(usd).toBeLessThanOrEqual(spendUsd + 1e-9);
        expect(usd).toBeGreaterThanOrEqual(cacheAlone - 1e-9);
        for (const { marginalUsd } of shares) expect(marginalUsd).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });

  it("no split of a night saves more: all of them are tried", () => {
    const night = fc.array(shared, { minLength: 2, maxLength: 7 });
    fc.assert(
      fc.property(night, (calls) => {
        const records = recordsOf(
          calls.map((each) => ({ ...each, waits: true, part: each.part > 0.5 ? 0.9 : 0.5 })),
        );
        const { usd, cacheAlone } = replay(records);
        fc.pre(cacheAlone > 0);
        const best = Math.max(...splitsOf(records).map(savedBy));
        expect(usd).toBeLessThanOrEqual(best + 1e-9);
      }),
      { numRuns: 200 },
    );
  });

  it("and the best split of calls on one beginning is found", () => {
    fc.assert(
      fc.property(fc.array(shared, { minLength: 2, maxLength: 7 }), (calls) => {
        const records = recordsOf(calls.map((each) => ({ ...each, waits: true, part: 0.6 })));
        const { usd, cacheAlone } = replay(records);
        fc.pre(cacheAlone > 0);
        expect(usd).toBeCloseTo(Math.max(...splitsOf(records).map(savedBy)), 9);
      }),
      { numRuns: 200 },
    );
  });
});

interface Split {
  readonly moved: readonly UsageRecord[];
  readonly kept: readonly UsageRecord[];
}

function splitsOf(records: readonly UsageRecord[]): Split[] {
  return Array.from({ length: 2 ** records.length }, (_, bits) => ({
    moved: records.filter((_, index) => (bits >> index) % 2 === 1),
    kept: records.filter((_, index) => (bits >> index) % 2 === 0),
  }));
}

/** What half the price of the moved calls saves, and following the cache's rule for the others, by a plain loop. */
function savedBy({ moved, kept }: Split): number {
  const costOf = ({ input_tokens, cache_read_tokens, output_tokens }: UsageRecord) =>
    (10 * (input_tokens - cache_read_tokens) + cache_read_tokens + 50 * output_tokens) / MILLION;
  const batched = moved.reduce((sum, record) => sum + costOf(record) / 2, 0);
  const last = new Map<string, number>();
  const cached = kept
    .toSorted((one, other) => one.ts - other.ts || (one.record_id < other.record_id ? -1 : 1))
    .map(({ ts, block_hmacs: [block], cache_read_tokens }) => {
      if (!block) return 0;
      const hit = ts - (last.get(block.hmac) ?? START - 10 * MINUTE) <= 5 * MINUTE;
      last.set(block.hmac, ts);
      return (Math.max(0, block.tokens - cache_read_tokens) / MILLION) * (hit ? 9 : -2.5);
    });
  return (
    batched +
    Math.max(
      0,
      cached.reduce((sum, usd) => sum + usd, 0),
    )
  );
}
