/** From operations that were counted to what they cost: plain sums over the published prices. */
import * as z from "zod";
import type { CountedConversation } from "./conversation.ts";
import { FRAMES_A_REQUEST, OBJECT_GB, Paid, PLAN_USD, PRICES } from "./prices.ts";

/** What one message uses of each thing that is paid for, on average. */
const Uses = z.record(Paid, z.number().nonnegative());
export type Uses = Readonly<z.infer<typeof Uses>>;

export interface Line {
  readonly paid: Paid;
  /** Of all messages together. */
  readonly quantity: number;
  readonly usd: number;
}

export interface Bill {
  readonly lines: readonly Line[];
  /** In US$. */
  readonly total: number;
}

const SECOND_MS = 1_000;
/** The platform measures storage in gigabytes of a billion bytes. */
const GIGABYTE = 1e9;

/**
 * Adds up what a conversation used, as the platform bills it: twenty frames of a socket are a request,
 * an alarm that is set is a row, and an object takes its whole memory for as long as it can't sleep.
 */
export function usesOf(counted: CountedConversation): Uses {
  const { messages, work, workerCpuMs, answeringMs, storedBytes } = counted;
  const sum = (counts: Readonly<Record<string, number>>, of: (who: string) => boolean) =>
    Object.entries(counts).reduce((total, [who, count]) => total + (of(who) ? count : 0), 0);
  const all = () => true;
  const isObject = (who: string) => !["Worker", "D1", "KV"].includes(who);
  // Whoever answers is there until the answer's last frame, whatever it says that it waits for: it has the sockets.
  const answers = (who: string) => who in work.frames;
  const answererMs = Math.max(sum(work.activeMs, answers), answeringMs);
  const activeMs = answererMs + sum(work.activeMs, (who) => !answers(who));
  const used = {
    workerRequests: work.requests.Worker ?? 0,
    workerCpuMs,
    objectRequests: sum(work.requests, isObject) + sum(work.frames, all) / FRAMES_A_REQUEST,
    objectGbSeconds: (activeMs / SECOND_MS) * OBJECT_GB,
    objectRowsRead: sum(work.rowsRead, isObject),
    objectRowsWritten: sum(work.rowsWritten, isObject) + sum(work.alarmsSet, all),
    d1RowsRead: work.rowsRead.D1 ?? 0,
    d1RowsWritten: work.rowsWritten.D1 ?? 0,
    kvReads: work.rowsRead.KV ?? 0,
    kvWrites: work.rowsWritten.KV ?? 0,
    objectGbMonths: storedBytes.objects / GIGABYTE,
    d1GbMonths: storedBytes.d1 / GIGABYTE,
  };
  return Uses.parse(Object.fromEntries(Paid.options.map((paid) => [paid, used[paid] / messages])));
}

/** @returns what each of so many messages costs beyond what the plan includes, each from the first one on. */
export function marginalBill(uses: Uses, messages: number): Bill {
  return billOf(uses, messages, () => 0, 0);
}

/** @returns what so many messages in one month cost on the plan, which includes some of everything. */
export function monthlyBill(uses: Uses, messages: number): Bill {
  return billOf(uses, messages, (paid) => PRICES[paid].included, PLAN_USD);
}

function billOf(
  uses: Uses,
  messages: number,
  included: (paid: Paid) => number,
  base: number,
): Bill {
  const lines = Paid.options.map((paid): Line => {
    const quantity = uses[paid] * messages;
    const beyond = Math.max(0, quantity - included(paid));
    const { usd, per } = PRICES[paid];
    return { paid, quantity, usd: (beyond / per) * usd };
  });
  return { lines, total: lines.reduce((sum, { usd }) => sum + usd, base) };
}
