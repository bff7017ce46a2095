/** What did not work as it should in a run, in the page's words. */
import { ApexError } from "../../protocol/errors.ts";
import type { TimelineEntry } from "../../protocol/thread-view.ts";
import { useFailureWords } from "../problem-words.ts";
import { useWords } from "../words/words.ts";
import { agentName } from "./agent-name.ts";
import { useFormats } from "./formats.ts";

export type Fallback = Extract<TimelineEntry, { kind: "fallback" }>;

/**
 * @returns how to tell it. The server's own sentences stand where the page has no words: for what a newer
 *   one names, and in logs of before it was named.
 */
export function useFallbackWords(): (fallback: Fallback) => string {
  const words = useWords();
  const { moment } = useFormats();
  const tellFailure = useFailureWords();
  const { fallbacks, earlier } = words.run;
  return ({ agent, code, subject, problem, as_of, reason, action }) => {
    if (code === undefined || !Object.hasOwn(fallbacks, code)) return `${reason} ${action}`;
    return fallbacks[code]({
      subject: agentName(words, subject ?? agent),
      why: problem === undefined ? "" : tellFailure(ApexError.fromProblem(problem)).what,
      asOf: as_of === undefined ? earlier : moment(as_of),
    });
  };
}
