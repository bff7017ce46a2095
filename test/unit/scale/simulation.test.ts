/** The simulation of queues: held to the formula that is known for one server, and to plain sense for several. */
import { expect, test } from "vitest";
import { seeded } from "../../../bench/chaos/random.ts";
import { type ServiceTimes, waitingOnPaper } from "../../../bench/scale/queueing.ts";
import { type Scenario, simulate } from "../../../bench/scale/simulation.ts";

const MESSAGES = 200_000;

/** Service times of an exponential distribution, by its quantiles. */
const EXPONENTIAL: ServiceTimes = Array.from(
  { length: 1_000 },
  (_, index) => -2 * Math.log(1 - (index + 0.5) / 1_000),
);
/** Mostly short, seldom very long: what a batch of rows does to a database. */
const UNEVEN: ServiceTimes = [1, 1, 1, 1, 1, 1, 1, 1, 1, 11];

function oneServer(messagesASecond: number, serviceMs: ServiceTimes): Scenario<"database"> {
  return {
    places: { database: { servers: 1, serviceMs } },
    visits: [{ place: "database", afterMs: 0 }],
    messagesASecond,
    messages: MESSAGES,
  };
}

function seenAt(scenario: Scenario<"database">, seed = 1) {
  const seen = simulate(scenario, seeded(seed)).get("database");
  if (seen === undefined) throw new Error("Nothing came to the database.");
  return seen;
}

test.each([
  ["even service, half busy", 250, [2]],
  ["even service, mostly busy", 400, [2]],
  ["exponential service, half busy", 250, EXPONENTIAL],
  ["exponential service, mostly busy", 400, EXPONENTIAL],
  ["uneven service, half busy", 250, UNEVEN],
  ["uneven service, mostly busy", 400, UNEVEN],
] as const)("one server waits as the formula says: %s", (_, arrivals, serviceMs) => {
  const paper = waitingOnPaper(arrivals, serviceMs);
  const seen = seenAt(oneServer(arrivals, serviceMs));
  expect(seen.utilisation).toBeCloseTo(paper.utilisation, 1);
  expect(Math.abs(seen.meanWaitMs / paper.meanWaitMs - 1)).toBeLessThan(0.05);
});

test.each([
  ["half busy", 250],
  ["mostly busy", 400],
])("of exponential service one in a hundred waits as long as the books say: %s", (_, arrivals) => {
  // M/M/1: a wait is longer than t with the probability ρ × e^(−(μ − λ) t), in milliseconds here.
  const [arrivalRate, serviceRate] = [arrivals / 1_000, 1 / 2];
  const rank = Math.log(arrivalRate / serviceRate / 0.01) / (serviceRate - arrivalRate);
  const { p99WaitMs } = seenAt(oneServer(arrivals, EXPONENTIAL));
  expect(Math.abs(p99WaitMs / rank - 1)).toBeLessThan(0.05);
});

test("the formula is the one of the books: even service waits half as long as exponential", () => {
  // M/M/1: ρ ÷ (1 − ρ) of a service; M/D/1: half of that.
  expect(waitingOnPaper(250, [2])).toEqual({ utilisation: 0.5, meanWaitMs: 1 });
  expect(waitingOnPaper(250, EXPONENTIAL).meanWaitMs).toBeCloseTo(2, 1);
  expect(waitingOnPaper(500, [2]).meanWaitMs).toBe(Number.POSITIVE_INFINITY);
});

test("a server that is asked for more than it can do falls behind without end", () => {
  const { longestWaitMs, utilisation } = seenAt(oneServer(1_000, [2]));
  expect(utilisation).toBeGreaterThan(1);
  expect(longestWaitMs).toBeGreaterThan(MESSAGES * 0.9);
});

test("eight servers at eight times the load wait as one does", () => {
  const scenario = oneServer(8 * 250, [2]);
  const seen = seenAt({ ...scenario, places: { database: { servers: 8, serviceMs: [2] } } });
  expect(Math.abs(seen.meanWaitMs - waitingOnPaper(250, [2]).meanWaitMs)).toBeLessThan(0.05);
});

test("what one message asks at once waits for itself", () => {
  const visits = [0, 0].map((afterMs) => ({ place: "database", afterMs }) as const);
  const { meanWaitMs, visits: count } = seenAt({ ...oneServer(1, [2]), messages: 10_000, visits });
  expect(count).toBe(20_000);
  // The second of two waits for the first, and hardly anybody for others.
  expect(meanWaitMs).toBeGreaterThan(1);
  expect(meanWaitMs).toBeLessThan(1.1);
});

test("a seed repeats all of it, and another one does not", () => {
  const scenario = { ...oneServer(400, UNEVEN), messages: 1_000 };
  expect(seenAt(scenario, 7)).toEqual(seenAt(scenario, 7));
  expect(seenAt(scenario, 7)).not.toEqual(seenAt(scenario, 8));
});
