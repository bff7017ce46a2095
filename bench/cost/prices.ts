/** What Cloudflare asks for what a message uses, by its published prices of the Workers Paid plan. */

import * as z from "zod";

/** What is paid for, in the order of the table. */
export const Paid = z.enum([
  "workerRequests",
  "workerCpuMs",
  "objectRequests",
  "objectGbSeconds",
  "objectRowsRead",
  "objectRowsWritten",
  "d1RowsRead",
  "d1RowsWritten",
  "kvReads",
  "kvWrites",
  "objectGbMonths",
  "d1GbMonths",
]);
export type Paid = z.infer<typeof Paid>;

export interface Price {
  readonly label: string;
  /** In US$, for so many. */
  readonly usd: number;
  readonly per: number;
  /** What a month of the plan includes. */
  readonly included: number;
  readonly source: string;
}

/** When the pages below were read. */
export const PRICES_AS_OF = "2026-11-22";

/** What the plan itself costs a month, in US$, with all that is included. */
export const PLAN_USD = 5;

/** An object is billed for so much memory, whatever it uses; and of WebSocket messages for one in so many. */
export const OBJECT_GB = 0.128;
export const FRAMES_A_REQUEST = 20;

const DOCS = "https://developers.cloudflare.com";
const WORKERS = `${DOCS}/workers/platform/pricing/`;
const OBJECTS = `${DOCS}/durable-objects/platform/pricing/`;
const D1 = `${DOCS}/d1/platform/pricing/`;
const KV = `${DOCS}/kv/platform/pricing/`;
const MILLION = 1e6;

export const PRICES: Readonly<Record<Paid, Price>> = {
  workerRequests: {
    label: "Workers: requests",
    usd: 0.3,
    per: MILLION,
    included: 10 * MILLION,
    source: WORKERS,
  },
  workerCpuMs: {
    label: "Workers: milliseconds of CPU",
    usd: 0.02,
    per: MILLION,
    included: 30 * MILLION,
    source: WORKERS,
  },
  objectRequests: {
    label: "Objects: requests",
    usd: 0.15,
    per: MILLION,
    included: MILLION,
    source: OBJECTS,
  },
  objectGbSeconds: {
    label: "Objects: GB-seconds",
    usd: 12.5,
    per: MILLION,
    included: 400_000,
    source: OBJECTS,
  },
  objectRowsRead: {
    label: "Objects: rows read",
    usd: 0.001,
    per: MILLION,
    included: 25_000 * MILLION,
    source: OBJECTS,
  },
  objectRowsWritten: {
    label: "Objects: rows written",
    usd: 1,
    per: MILLION,
    included: 50 * MILLION,
    source: OBJECTS,
  },
  d1RowsRead: {
    label: "D1: rows read",
    usd: 0.001,
    per: MILLION,
    included: 25_000 * MILLION,
    source: D1,
  },
  d1RowsWritten: {
    label: "D1: rows written",
    usd: 1,
    per: MILLION,
    included: 50 * MILLION,
    source: D1,
  },
  kvReads: { label: "KV: reads", usd: 0.5, per: MILLION, included: 10 * MILLION, source: KV },
  kvWrites: {
    label: "KV: writes and deletes",
    usd: 5,
    per: MILLION,
    included: MILLION,
    source: KV,
  },
  objectGbMonths: {
    label: "Objects: GB stored, a month",
    usd: 0.2,
    per: 1,
    included: 5,
    source: OBJECTS,
  },
  d1GbMonths: { label: "D1: GB stored, a month", usd: 0.75, per: 1, included: 5, source: D1 },
};
