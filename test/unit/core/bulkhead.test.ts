/** The bulkhead: so many at once, and nobody waits. */
import { expect, test } from "vitest";
import { Bulkhead } from "../../../src/core/bulkhead.ts";
import { FakeClock } from "./fake-clock.ts";

const LEASE_MS = 1_000;

function bulkheadOf(slots: number) {
  const clock = new FakeClock();
  return { clock, bulkhead: new Bulkhead({ clock, slots, leaseMs: LEASE_MS }) };
}

test("a bulkhead refuses whoever comes when all slots are taken, until one is left", () => {
  const { bulkhead } = bulkheadOf(2);
  const first = bulkhead.enter();
  expect(bulkhead.enter()).not.toBeNull();
  expect(bulkhead.enter()).toBeNull();
  first?.();
  expect(bulkhead.enter()).not.toBeNull();
  expect(bulkhead.enter()).toBeNull();
});

test("a slot that is left twice is one slot", () => {
  const { bulkhead } = bulkheadOf(1);
  const leave = bulkhead.enter();
  leave?.();
  expect(bulkhead.enter()).not.toBeNull();
  leave?.();
  expect(bulkhead.enter()).toBeNull();
});

test("a slot nobody leaves is free again when its time is over", async () => {
  const { clock, bulkhead } = bulkheadOf(1);
  bulkhead.enter();
  await clock.advance(LEASE_MS - 1);
  expect(bulkhead.enter()).toBeNull();
  await clock.advance(1);
  expect(bulkhead.enter()).not.toBeNull();
});
