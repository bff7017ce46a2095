/** What answering repeated questions from a store would save. */
import type { Sliced } from "../../core/slices.ts";
import { withColdReads } from "./cold-reads.ts";
import { type DuplicateOptions, findRepeats, repeatable, withoutRepeats } from "./duplicates.ts";
import { type LeverStep, replayAlone } from "./joint.ts";
import type { Opportunity } from "./opportunity.ts";
import type { Span } from "./saving.ts";
import { unseenShares, withUnseen } from "./unseen.ts";
import type { Lane, Workload } from "./workload.ts";

const ASSUMPTIONS = [
  "Only calls that repeat model, parameters, tools and prompt to the letter count, at temperature 0 or in a feature that the workspace opted in. Similar questions count as different ones: no saving of semantic caching is ever claimed.",
  "Only successful answers are stored, and nobody is answered before the first answer was there. Where a prompt cache was kept warm by calls that fall away alone, the next one computes its prompt anew. Keeping the answers is taken to cost nothing.",
];

/** @returns the opportunity; without one hash among the calls that may repeat it is not assessable. */
export function* duplicateOpportunity(
  workload: Workload,
  span: Span,
  options: DuplicateOptions,
): Sliced<Opportunity> {
  const repeats = yield* findRepeats(workload, options);
  const step: LeverStep = {
    lever: "duplicates",
    *apply(_, lanes) {
      const fewer: Lane[] = [];
      for (const lane of lanes) {
        fewer.push(yield* withColdReads(workload, withoutRepeats(lane, repeats)));
      }
      return fewer;
    },
  };
  const saving = yield* replayAlone(workload, step, span);
  const mayRepeat = repeatable(workload, options.allowedFeatures);
  const hashed = (call: number) => (workload.prompt[call] ?? -1) >= 0;
  const unseen = unseenShares(workload, mayRepeat, hashed);
  const high = withUnseen(workload, saving, unseen);
  const seen = workload.prompt.some((prompt, call) => prompt >= 0 && mayRepeat(call));
  return {
    lever: "duplicates",
    title: "Answer repeated questions from a store",
    subject: null,
    step,
    saving,
    estimate: { value: saving.usd, low: saving.usd, high },
    basis: "replayed",
    latencyEffect: "better",
    assumptions:
      high > saving.usd
        ? [
            ...ASSUMPTIONS,
            "Some calls have no hash of their prompt: the high bound takes them to repeat as often as the others.",
          ]
        : ASSUMPTIONS,
    notAssessable: seen
      ? null
      : "Not assessable: no call at temperature 0, or of a feature opted in, has a hash of its prompt. Records with prompt_hmac and request_temperature would make it so.",
    leftOut: null,
  };
}
