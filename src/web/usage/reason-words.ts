/** Why rows were set aside, in the page's words. */
import type { RefusedRows } from "../../protocol/usage.ts";
import { useTold } from "../form/told.ts";
import { useWords } from "../words/words.ts";

/** @returns how to tell it. The server's own sentence stands where a newer one names what the page has no words for. */
export function useReasonWords(): (refused: Pick<RefusedRows, "reason" | "faults">) => string {
  const { row, faults: words } = useWords().usage.refused;
  const told = useTold();
  return ({ reason, faults }) => {
    if (!faults.every(({ code }) => Object.hasOwn(words, code))) return reason;
    return faults
      .map(({ code, field = row, found = "", other = "", bound }) =>
        words[code]({ field, found, other, bound: bound === undefined ? "" : told.count(bound) }),
      )
      .join(" ");
  };
}
