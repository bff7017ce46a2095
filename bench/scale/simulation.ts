/**
 * A discrete-event simulation of messages on their way through parts that do one thing at a time: a
 * user's account object, and the database of the user's shard. The seed repeats all of it.
 */
import TinyQueue from "tinyqueue";
import type { Random } from "../chaos/random.ts";
import { percentile } from "../report.ts";
import type { ServiceTimes } from "./queueing.ts";

/** A kind of part, of which there are several alike; a user always comes to the same one. */
export interface Place {
  readonly servers: number;
  readonly serviceMs: ServiceTimes;
}

/** What each message asks of a place, so long after it was sent. */
export interface Visit<Name extends string> {
  readonly place: Name;
  readonly afterMs: number;
}

export interface Scenario<Name extends string> {
  readonly places: Readonly<Record<Name, Place>>;
  readonly visits: readonly Visit<Name>[];
  /** Of all users together; they come by chance, independent of each other. */
  readonly messagesASecond: number;
  readonly messages: number;
}

/** What was seen at a place, over all of its servers. */
export interface Seen {
  readonly visits: number;
  readonly utilisation: number;
  /** From the arrival to the begin of the service, in milliseconds. */
  readonly meanWaitMs: number;
  readonly p99WaitMs: number;
  /** Of all visits; where a server is asked for more than it can do, it grows without an end. */
  readonly longestWaitMs: number;
}

interface Arrival<Name extends string> {
  readonly at: number;
  readonly place: Name;
  readonly server: number;
}

interface Tally {
  readonly freeAt: Float64Array;
  readonly waits: number[];
  busyMs: number;
}

const SECOND_MS = 1_000;
/** What comes first meets empty queues, and counts for nothing. */
const WARM_UP = 0.1;

/** @returns what was seen at each place. */
export function simulate<Name extends string>(
  { places, visits, messagesASecond, messages }: Scenario<Name>,
  random: Random,
): Map<Name, Seen> {
  const tallies = new Map<Name, Tally>();
  const queue = new TinyQueue<Arrival<Name>>([], (a, b) => a.at - b.at);
  const sending = random.branch("sending");
  const serving = random.branch("serving");
  const choosing = random.branch("choosing");
  let now = 0;
  for (let message = 0; message < messages; message += 1) {
    now += (-Math.log(1 - sending.next()) / messagesASecond) * SECOND_MS;
    serveUntil(now);
    const user = choosing.next();
    for (const { place, afterMs } of visits) {
      const server = Math.floor(user * places[place].servers);
      queue.push({ at: now + afterMs, place, server });
    }
  }
  const lastSentAt = now;
  serveUntil(Number.POSITIVE_INFINITY);

  function serveUntil(moment: number): void {
    for (let next = queue.peek(); next !== undefined && next.at <= moment; next = queue.peek()) {
      queue.pop();
      serve(next);
    }
  }

  function serve({ at, place, server }: Arrival<Name>): void {
    const { servers, serviceMs } = places[place];
    const tally = tallies.get(place) ?? {
      freeAt: new Float64Array(servers),
      waits: [],
      busyMs: 0,
    };
    tallies.set(place, tally);
    const service = serviceMs[Math.floor(serving.next() * serviceMs.length)] ?? 0;
    const begun = Math.max(at, tally.freeAt[server] ?? 0);
    tally.freeAt[server] = begun + service;
    tally.waits.push(begun - at);
    tally.busyMs += service;
  }

  const seen = new Map<Name, Seen>();
  for (const [place, { waits, busyMs }] of tallies) {
    const counted = waits.slice(Math.floor(waits.length * WARM_UP));
    seen.set(place, {
      visits: waits.length,
      utilisation: busyMs / (lastSentAt * places[place].servers),
      meanWaitMs: counted.reduce((sum, wait) => sum + wait, 0) / counted.length,
      p99WaitMs: percentile(counted, 0.99) ?? 0,
      longestWaitMs: waits.reduce((longest, wait) => Math.max(longest, wait), 0),
    });
  }
  return seen;
}
