/** Why rows were set aside, in the page's words. */
import type { RefusedRows } from "../../protocol/usage.ts";
import { useTold } from "../form/told.ts";
import { useWords } from "../words/words.ts";

/** @returns how to tell it. The server's own sentence stands where it names what the page has no words for, or nothing. */
export function useReasonWords(): (refused: Pick<RefusedRows, "reason" | "faults">) => string {
  const { row, faults: words } = useWords().usage.refused;
  const told = useTold();
  return ({ reason, faults = [] }) => {
    const isKnown = faults.length > 0 && faults.every(({ code }) => Object.hasOwn(words, code));
    if (!isKnown) return reason;
    return faults
      .map(({ code, field = row, found = "", other = "", bound }) =>
        words[code]({ field, found, other, bound: bound === undefined ? "" : told.count(bound) }),
      )
      .join(" ");
  };
}
