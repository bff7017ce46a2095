/** A failure in the page's own words: the server's are English, and for programs' logs. */
import type { ApexError } from "../protocol/errors.ts";
import { useOnline } from "./design/use-online.ts";
import { useFaultWords } from "./form/fault-words.ts";
import { useTold } from "./form/told.ts";
import { useWords } from "./words/words.ts";

/** What the page reads of a failure, whether it was just thrown or is kept. */
export type Failure = Pick<
  ApexError,
  "code" | "message" | "errors" | "retryAfter" | "limit" | "newerCode"
>;

/** A failure, told. */
interface ToldFailure {
  readonly what: string;
  readonly toDo: string | null;
  /** Whether it passes by itself: it is to be tried again, at its time or later. */
  readonly passes: boolean;
  /** The server's own words, where the page has none for what happened. */
  readonly serverSays: string | null;
}

/** @returns how to tell a failure. */
export function useFailureWords(): (failure: Failure) => ToldFailure {
  const { problems: words } = useWords();
  const sayFault = useFaultWords();
  const told = useTold();
  const isOnline = useOnline();
  return (failure) => {
    const { code, message, errors, limit, newerCode } = failure;
    const serverSays = newerCode === undefined ? null : words.serverSays(message);
    const passing = { toDo: null, passes: true, serverSays };
    if (code === "unavailable" && !isOnline) {
      return { ...words.offline, passes: false, serverSays };
    }
    if (code === "invalid_fields" && errors.length > 0) {
      const faults = new Set(errors.map((fault) => sayFault(fault)));
      return { what: [...faults].join(" "), toDo: null, passes: false, serverSays };
    }
    if (code === "quota_exceeded" && limit) {
      const most = (limit.name === "usd" ? told.usd : told.count)(limit.limit);
      return { ...passing, what: words.limits[limit.name](most) };
    }
    const { what, toDo } = words.codes[code];
    return { ...passing, what, toDo, passes: toDo === null };
  };
}

/** @returns how to tell a failure in one line, where there is no room for the time to wait. */
export function useFailureLine(): (failure: Failure) => string {
  const { problems: words } = useWords();
  const tell = useFailureWords();
  return (failure) => {
    const { what, toDo, passes, serverSays } = tell(failure);
    return [what, serverSays, toDo, passes && words.later].filter(Boolean).join(" ");
  };
}
