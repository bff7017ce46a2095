/** What did not work as it should while a run went on, in the page's words. */
import type { FallbackCode } from "../../../protocol/fallbacks.ts";

/** What there is to name. */
interface Named {
  /** The agent or the tool that it is about. */
  readonly subject: string;
  /** Why, as sentences; empty where that is not known. */
  readonly why: string;
  /** The moment that a substitute is of. */
  readonly asOf: string;
}

/** TypeScript asks for a row as soon as the wire has another code: what happened, and what is done instead. */
export const fallbacks: Readonly<Record<FallbackCode, (named: Named) => string>> = {
  run_resumed: () =>
    "It was interrupted before it was done. It carries on from where it was; finished steps are not done again.",
  answer_restarted: () =>
    "The answer broke off before it was whole. The model is asked for it anew.",
  answer_cut_short: () =>
    "The model stopped before it was done. What it wrote so far is kept: ask it to go on, or ask for less at once.",
  part_failed: ({ subject, why }) =>
    `${subject} came to no result. ${why} What depends on it is skipped; the others go on, and say what is missing.`,
  records_unreachable: ({ subject, asOf }) =>
    `${subject} cannot reach the usage records. It gives its last good answer, as of ${asOf}.`,
  records_slow: ({ subject, asOf }) =>
    `The usage records did not answer ${subject} in time. It gives its last good answer, as of ${asOf}.`,
};
