/** The quotas of each tier. */
import * as z from "zod";
import { Timestamp } from "./ids.ts";

export const Tier = z.enum(["free", "early", "mid", "enterprise"]);
export type Tier = z.infer<typeof Tier>;

export const LimitName = z.enum([
  "requests",
  "messages",
  "live_runs",
  "queued_runs",
  "sockets",
  "tokens",
  "usd",
]);
export type LimitName = z.infer<typeof LimitName>;

/**
 * Requests and messages a minute, runs and sockets at once, tokens and US dollars a day (UTC). A
 * team's tokens and dollars are counted together, against the tier of the team.
 */
export const TIER_LIMITS: Readonly<Record<Tier, Readonly<Record<LimitName, number>>>> = {
  free: {
    requests: 600,
    messages: 60,
    live_runs: 8,
    queued_runs: 40,
    sockets: 100,
    tokens: 1_000_000,
    usd: 5,
  },
  early: {
    requests: 1_200,
    messages: 120,
    live_runs: 16,
    queued_runs: 80,
    sockets: 200,
    tokens: 5_000_000,
    usd: 25,
  },
  mid: {
    requests: 3_000,
    messages: 300,
    live_runs: 40,
    queued_runs: 200,
    sockets: 500,
    tokens: 25_000_000,
    usd: 150,
  },
  enterprise: {
    requests: 12_000,
    messages: 1_200,
    live_runs: 200,
    queued_runs: 1_000,
    sockets: 2_000,
    tokens: 250_000_000,
    usd: 2_000,
  },
};

const MINUTE = 60;
const DAY = 24 * 60 * 60;

/** Seconds after which a quota is full again; null if it limits what is held at once, not what is spent. */
export const LIMIT_WINDOW_SECONDS: Readonly<Record<LimitName, number | null>> = {
  requests: MINUTE,
  messages: MINUTE,
  live_runs: null,
  queued_runs: null,
  sockets: null,
  tokens: DAY,
  usd: DAY,
};

/** The state of a quota. */
export const LimitState = z.object({
  name: LimitName,
  limit: z.number(),
  used: z.number().min(0),
  remaining: z.number().min(0),
  window_seconds: z
    .number()
    .int()
    .nullable()
    .describe("null where it is not spent but held, as a socket is"),
  resets_at: Timestamp.nullable().describe("When it is whole again; null where it is held"),
});
export type LimitState = z.infer<typeof LimitState>;
