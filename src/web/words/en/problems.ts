/** What a failure means to the person, and what they can do about it. */
import type { LimitName } from "../../../protocol/tiers.ts";
import { codes } from "./problem-codes.ts";

export const problems = {
  codes,
  offline: {
    what: "You are offline.",
    toDo: "Try again when you are connected.",
  },
  /** Of failures that pass by themselves, where the server does not say when. */
  later: "Try again in a minute.",
  retryIn: (left: string) => `Try again ${left}.`,
  retryAt: (moment: string, left: string) => `Try again from ${moment} on, ${left}.`,
  retryNow: "It is worth another try now.",
  /** Of a failure that this page is too old to know: the server's words follow. */
  serverSays: (words: string) => `The server says: ${words}`,
  /** What an account's plan bounds, by the names of the wire. */
  limits: {
    requests: (most: string) => `Your plan allows ${most} requests a minute, and that is reached.`,
    messages: (most: string) => `Your plan allows ${most} messages a minute, and that is reached.`,
    live_runs: (most: string) =>
      `Your plan allows ${most} runs at once, and so many are under way.`,
    queued_runs: (most: string) => `Your plan allows ${most} runs to wait, and so many do.`,
    sockets: (most: string) => `Your plan allows ${most} open conversations, and so many are open.`,
    tokens: (most: string) => `Your plan allows ${most} tokens a day, and they are used up.`,
    usd: (most: string) => `Your plan allows models to cost ${most} a day, and that is used up.`,
  } satisfies Record<LimitName, (most: string) => string>,
};
