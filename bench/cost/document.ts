/** docs/cost.md, made of what was counted and the published prices: it is never written by hand. */
import * as z from "zod";
import { markdownTable } from "../report.ts";
import { type Bill, marginalBill, monthlyBill, type Uses, usesOf } from "./bill.ts";
import { CountedConversation, Extent } from "./conversation.ts";
import { FRAMES_A_REQUEST, OBJECT_GB, Paid, PLAN_USD, PRICES, PRICES_AS_OF } from "./prices.ts";

export const Counted = z.object({
  /** The day, in UTC, and what counted: versions of the runtime and of the peer. */
  on: z.string(),
  by: z.string(),
  extent: Extent,
  apex: CountedConversation,
  peer: CountedConversation,
});
export type Counted = z.infer<typeof Counted>;

const MILLION = 1e6;
const MONTHS = [1, 10, 100];

/** @returns the whole document. */
export function costDocument(counted: Counted): string {
  const { extent, apex, peer } = counted;
  const { messages, deltas, paceMs, thoughtMs } = extent;
  const answerSeconds = (thoughtMs + deltas * paceMs) / 1_000;
  const uses = { apex: usesOf(apex), peer: usesOf(peer) };
  const slower = ({ objectGbSeconds }: Uses) =>
    (1 + (answerSeconds * OBJECT_GB) / objectGbSeconds).toFixed(1);
  const withoutCpu = (bill: Bill) => bill.total - usdOf(bill, "workerCpuMs");
  const bills = { apex: marginalBill(uses.apex, MILLION), peer: marginalBill(uses.peer, MILLION) };
  return `# What a million messages cost

On Cloudflare, by its published prices: **${usd(bills.apex.total)}** for a million messages to Apex Edge, beside
**${usd(bills.peer.total)}** for the same to Cloudflare's Agents SDK (the peer of [bench.md](bench.md)). The model's own
price comes on top of both, and is mostly far more.

This document is made by \`npm run bench:cost\`, from operations counted in a conversation of ${messages} messages: a user signs
in (the peer has no accounts), begins a thread, opens a socket, asks, waits for each answer, and leaves. An answer
has ${deltas} deltas and takes the model ${answerSeconds.toFixed(1)} s; no tool is called, for the peer has none. The runtime itself tells the rows.
Counted on ${counted.on} (${counted.by}); prices as of ${PRICES_AS_OF}.

## For a million messages

What the plan includes is left out: what each message costs beyond it.

${markdownTable([
  ["", "Apex Edge: a message", "US$", "peer: a message", "US$"],
  ...Paid.options.map((paid) => [
    PRICES[paid].label,
    amount(uses.apex[paid]),
    usd(usdOf(bills.apex, paid)),
    amount(uses.peer[paid]),
    usd(usdOf(bills.peer, paid)),
  ]),
  ["**together**", "", `**${usd(bills.apex.total)}**`, "", `**${usd(bills.peer.total)}**`],
])}

## A month on the Workers Paid plan

With its ${usd(PLAN_USD)} and all that it includes.

${markdownTable([
  ["messages a month", "Apex Edge", "peer"],
  ...MONTHS.map((millions) => [
    `${millions} million`,
    usd(monthlyBill(uses.apex, millions * MILLION).total),
    usd(monthlyBill(uses.peer, millions * MILLION).total),
  ]),
])}

## Who does what

All of one conversation of ${messages} messages, as it was counted.

${whoDoesWhat(apex)}

The same of the peer:

${whoDoesWhat(peer)}

## How it is counted

- **Rows** are those that the runtime reports for each statement, indexes included; an alarm that is set is a row more.
- **Requests** to objects are upgrades, calls and alarms, and ${FRAMES_A_REQUEST} frames of a client are one. What objects send is free, and so
  is a socket's ping, which the platform answers without waking the object.
- **GB-seconds** are the time in which an object is at work, or waits for something that keeps it in memory: a call, a
  promise, a timer, the model. An object is billed for ${OBJECT_GB} GB whatever it uses. Who answers is there for all of the
  answer, so most of it is the model's time: of a model half as quick this line is ${slower(uses.apex)} times as much, and the
  peer's ${slower(uses.peer)} times. Sockets that are only open cost nothing; both let their objects sleep below them.
- **Storage** is what the databases have grown by, all pages that are in use, for one month of keeping it. An object's
  own tables take most of that in a conversation as short as this one.
- **CPU** is the processor time of the whole local runtime, objects and databases included, which is more than the
  platform bills: objects are billed by their duration alone. It is the upper end, for both; without any of it the
  million costs ${usd(withoutCpu(bills.apex))}, and ${usd(withoutCpu(bills.peer))} at the peer.
- **Metrics** are reported by each isolate, every 15 s at most, however many it serves. Here one conversation has an isolate
  to itself, and pays for all of its reports: ${apex.work.rowsWritten.Metrics ?? 0} of the rows written. That is the upper end too.

## What is not in it

Tokens of the model; the page, whose files are served for nothing; Workers Logs, Analytics
Engine, and whatever a tool asks of ClickHouse or of usage records in D1, whose rows read depend on the records.

## Prices

${markdownTable([
  ["", "US$", "included a month", "source"],
  ...Paid.options.map((paid) => {
    const { label, usd: price, per, included, source } = PRICES[paid];
    const each = per === MILLION ? "a million" : "each";
    return [label, `${price} ${each}`, included.toLocaleString("en"), `<${source}>`];
  }),
])}

## How to repeat it

\`\`\`sh
# Not run by the tests: counts for minutes, and writes this document.
npm run bench:cost                # counts anew in about three minutes, and writes this document
npm run bench:cost -- --document  # writes it from what was counted before (bench/cost/counted.json)
\`\`\`
`;
}

function usdOf({ lines }: Bill, wanted: keyof Uses): number {
  return lines.find(({ paid }) => paid === wanted)?.usd ?? 0;
}

/** A row for each who did something, and a column for each thing that was done. */
function whoDoesWhat({ work }: CountedConversation): string {
  const columns = [
    ["requests", work.requests],
    ["frames", work.frames],
    ["rows read", work.rowsRead],
    ["rows written", work.rowsWritten],
    ["alarms set", work.alarmsSet],
    ["seconds active", mapped(work.activeMs, (milliseconds) => milliseconds / 1_000)],
  ] as const;
  const who = [...new Set(columns.flatMap(([, counts]) => Object.keys(counts)))].toSorted();
  return markdownTable([
    ["", ...columns.map(([name]) => name)],
    ...who.map((each) => [each, ...columns.map(([, counts]) => amount(counts[each] ?? 0))]),
  ]);
}

function mapped(counts: Readonly<Record<string, number>>, map: (count: number) => number) {
  return Object.fromEntries(Object.entries(counts).map(([who, count]) => [who, map(count)]));
}

/** Whole numbers as they are, others to three figures. */
function amount(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function usd(value: number): string {
  return `$${value.toFixed(2)}`;
}
