/** The tables of docs/scale.md: demand by users, waiting by shards, and waiting at one account. */
import { seeded } from "../chaos/random.ts";
import type { Counted } from "../cost/document.ts";
import { markdownTable } from "../report.ts";
import { demandOf } from "./demand.ts";
import { moment, type ServiceTimes, waitingOnPaper } from "./queueing.ts";
import { type Scenario, simulate, type Visit } from "./simulation.ts";

const SEED = 8;
/** So many that another seed moves the means below by no more than 2 %, and the 99th percentiles by 5 %. */
const MESSAGES = 200_000;
const USERS = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const SHARDS = [1, 2, 4, 8, 16];
/** A database behind a network and with copies elsewhere takes longer than one on a disk here. */
const SLOWER = 4;
const MILLION_USERS = 1_000_000;
/** What D1 holds at most in one database: developers.cloudflare.com/d1/platform/limits/. */
const DATABASE_BYTES = 10e9;
/** Of one user: the tiers' own limits (`src/protocol/tiers.ts`), and what no limit lets through. */
const MESSAGES_A_MINUTE = [60, 1_200, 6_000];

/** What one message asks of a part, as it was counted. */
export interface Asked {
  readonly times: number;
  readonly serviceMs: ServiceTimes;
}

export interface Message {
  readonly d1: Asked;
  readonly account: Asked;
  readonly d1Bytes: number;
  /** How long it takes from its first query to its last, in milliseconds. */
  readonly lastsMs: number;
}

/** @returns what a message asks on average. */
export function messageOf({ apex }: Counted): Message {
  const asked = (who: string, calls: number | undefined): Asked => {
    const serviceMs = apex.work.took[who] ?? [];
    return { times: Math.max(1, Math.round((calls ?? 0) / apex.messages)), serviceMs };
  };
  return {
    d1: asked("D1", apex.work.took.D1?.length),
    account: asked("Account", apex.work.requests.Account),
    d1Bytes: apex.storedBytes.d1 / apex.messages,
    lastsMs: apex.answeringMs / apex.messages,
  };
}

/** @returns the tables as Markdown, with what they stand on. */
export function scaleTables(message: Message): string {
  const { d1, account, d1Bytes } = message;
  const mean = (times: ServiceTimes) => moment(times, 1).toFixed(2);
  return `A message makes ${d1.times} calls to D1 (${mean(d1.serviceMs)} ms each, on this machine's disk), ${account.times} to its account object
(${mean(account.serviceMs)} ms each), and leaves ${d1Bytes.toFixed(0)} bytes in D1, as \`npm run bench:cost\` counted it.

**What users ask for**, at a day's peak:

${markdownTable([
  [
    "users",
    "messages a day",
    "messages a second",
    "sockets open",
    "D1 calls a second",
    "D1 grows a day",
    "one database is full after",
  ],
  ...USERS.map((users) => {
    const { messagesADay, messagesASecond, openSockets } = demandOf(users);
    const bytesADay = messagesADay * d1Bytes;
    return [
      whole(users),
      whole(messagesADay),
      rough(messagesASecond),
      whole(openSockets),
      rough(messagesASecond * d1.times),
      `${rough(bytesADay / 1e9)} GB`,
      `${rough(DATABASE_BYTES / bytesADay)} days`,
    ];
  }),
])}

**Waiting at the databases**, for a million users (${demandOf(MILLION_USERS).messagesASecond.toFixed(0)} messages a second), by the number of shards; with the service
times counted here, and with times ${SLOWER} as long:

${markdownTable([
  ["shards", "service", "busy", "mean wait", "… on paper", "p99 wait"],
  ...[1, SLOWER].flatMap((slower) =>
    SHARDS.map((shards) => {
      const serviceMs = d1.serviceMs.map((milliseconds) => milliseconds * slower);
      return waitingRow(String(shards), serviceMs, message, shards);
    }),
  ),
])}

**Waiting at one account**, by what its user sends; all threads of a user share it:

${markdownTable([
  ["messages a minute", "service", "busy", "mean wait", "… on paper", "p99 wait"],
  ...MESSAGES_A_MINUTE.map((aMinute) => accountRow(aMinute, message)),
])}`;
}

function waitingRow(
  name: string,
  serviceMs: ServiceTimes,
  message: Message,
  servers: number,
): string[] {
  const { messagesASecond } = demandOf(MILLION_USERS);
  return rowOf(name, { servers, serviceMs }, message.d1.times, message.lastsMs, messagesASecond);
}

function accountRow(aMinute: number, { account, lastsMs }: Message): string[] {
  const place = { servers: 1, serviceMs: account.serviceMs };
  return rowOf(whole(aMinute), place, account.times, lastsMs, aMinute / 60);
}

function rowOf(
  name: string,
  place: { readonly servers: number; readonly serviceMs: ServiceTimes },
  times: number,
  lastsMs: number,
  messagesASecond: number,
): string[] {
  const paper = waitingOnPaper((messagesASecond * times) / place.servers, place.serviceMs);
  const service = `${moment(place.serviceMs, 1).toFixed(2)} ms`;
  const busy = `${(paper.utilisation * 100).toFixed(0)} %`;
  if (paper.utilisation >= 1) return [name, service, busy, "grows", "∞", "grows"];
  const scenario: Scenario<"part"> = {
    places: { part: place },
    visits: spread(times, lastsMs),
    messagesASecond,
    messages: MESSAGES,
  };
  const seen = simulate(scenario, seeded(SEED)).get("part");
  if (seen === undefined) throw new Error(`Nothing came to ${name}.`);
  const waits = [seen.meanWaitMs, paper.meanWaitMs, seen.p99WaitMs].map(milliseconds);
  return [name, service, busy, ...waits];
}

/** A message asks at its begin, at its end, and evenly between. */
function spread(times: number, lastsMs: number): Visit<"part">[] {
  return Array.from({ length: times }, (_, index) => ({
    place: "part",
    afterMs: times === 1 ? 0 : (index / (times - 1)) * lastsMs,
  }));
}

function milliseconds(value: number): string {
  return value >= 10_000 ? `${(value / 1_000).toFixed(0)} s` : `${value.toFixed(2)} ms`;
}

/** To two figures. */
function rough(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 2 });
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
