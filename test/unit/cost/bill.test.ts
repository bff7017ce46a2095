/** The cost maths: held to the sums that Cloudflare's own pricing pages work out, and to what was counted. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { marginalBill, monthlyBill, type Uses, usesOf } from "../../../bench/cost/bill.ts";
import { CountedConversation } from "../../../bench/cost/conversation.ts";
import { Counted, costDocument } from "../../../bench/cost/document.ts";
import { Paid, PRICES } from "../../../bench/cost/prices.ts";

const ROOT = join(import.meta.dirname, "../../..");

function uses(some: Partial<Uses>): Uses {
  return { ...usesOf(conversation({})), ...some };
}

function conversation(some: object): CountedConversation {
  const work = { rowsRead: {}, rowsWritten: {}, alarmsSet: {}, alarms: 0 };
  return CountedConversation.parse({
    messages: 1,
    work: { ...work, requests: {}, frames: {}, activeMs: {}, took: {} },
    workerCpuMs: 0,
    answeringMs: 0,
    storedBytes: { objects: 0, d1: 0 },
    ...some,
  });
}

test.each([
  ["15 million requests of 7 ms", { workerRequests: 1, workerCpuMs: 7 }, 15e6, 8],
  ["100 million requests of 7 ms", { workerRequests: 1, workerCpuMs: 7 }, 100e6, 45.4],
  [
    "a hundred objects of a hundred sockets that hibernate",
    { objectRequests: 1 / 20, objectGbSeconds: 552_960 / 432e6 },
    432e6,
    10,
  ],
])("a month comes to what the pricing pages say: %s", (_, some, messages, total) => {
  expect(monthlyBill(uses(some), messages).total).toBeCloseTo(total, 2);
});

test("beyond what is included, each thing costs its price, and nothing else does", () => {
  for (const paid of Paid.options) {
    const { total, lines } = marginalBill(uses({ [paid]: 2 }), 1e6);
    expect(total).toBeCloseTo((2e6 / PRICES[paid].per) * PRICES[paid].usd, 9);
    expect(lines.filter(({ usd }) => usd > 0)).toHaveLength(1);
  }
});

test("frames are a twentieth of a request, an alarm is a row, and memory is paid by the second", () => {
  const counted = conversation({
    messages: 10,
    workerCpuMs: 50,
    storedBytes: { objects: 4e9, d1: 1e9 },
    work: {
      rowsRead: { Thread: 40, D1: 30, KV: 20 },
      rowsWritten: { Thread: 60, Account: 20, D1: 70, KV: 10 },
      alarmsSet: { Thread: 20 },
      alarms: 25,
      requests: { Worker: 30, Thread: 10, Account: 20 },
      frames: { Thread: 200 },
      activeMs: { Thread: 9_000, Account: 1_000 },
      took: {},
    },
  });
  expect(usesOf(counted)).toEqual({
    workerRequests: 3,
    workerCpuMs: 5,
    objectRequests: 4,
    objectGbSeconds: 0.128,
    objectRowsRead: 4,
    objectRowsWritten: 10,
    d1RowsRead: 3,
    d1RowsWritten: 7,
    kvReads: 2,
    kvWrites: 1,
    objectGbMonths: 0.4,
    d1GbMonths: 0.1,
  });
});

test("an object that answers is there until the answer ends, whatever it says that it waits for", () => {
  const counted = conversation({ answeringMs: 10_000 });
  expect(usesOf(counted).objectGbSeconds).toBeCloseTo(1.28, 9);
});

test("the time of others does not stand for the time of who answers", () => {
  const { work } = conversation({});
  const activeMs = { Thread: 2_000, Account: 9_000 };
  const counted = conversation({
    answeringMs: 10_000,
    work: { ...work, frames: { Thread: 1 }, activeMs },
  });
  expect(usesOf(counted).objectGbSeconds).toBeCloseTo(19 * 0.128, 9);
});

test("docs/cost.md is what the counted figures and the prices come to", () => {
  const counted: unknown = JSON.parse(readFileSync(join(ROOT, "bench/cost/counted.json"), "utf8"));
  const document = readFileSync(join(ROOT, "docs/cost.md"), "utf8");
  expect(document).toBe(costDocument(Counted.parse(counted)));
});
