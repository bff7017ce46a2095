/** What is wrong with a field, in the page's own words: the server's are English, and for programs' logs. */
import type { FieldError, FieldErrorCode } from "../../protocol/problem.ts";
import { useWords } from "../words/words.ts";
import { useTold } from "./told.ts";

/** What one field says to some of its faults; the others are told as everywhere. */
export type Faults = Partial<Record<FieldErrorCode, string>>;

/** @returns what to say to a fault of a field that has these words of its own. */
export function useFaultWords(): (fault: FieldError, own?: Faults) => string {
  const { faults, bounds } = useWords().form;
  const told = useTold();
  return ({ code = "invalid", bound }, own = {}) => {
    const bounded = bound === undefined ? undefined : find(bounds, code)?.(told.count(bound));
    // A code of a newer server's is not among the words.
    return own[code] ?? bounded ?? find(faults, code) ?? faults.invalid;
  };
}

function find<Value>(words: Readonly<Record<string, Value>>, code: string): Value | undefined {
  return Object.hasOwn(words, code) ? words[code] : undefined;
}
