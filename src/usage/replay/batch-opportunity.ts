/** What moving patient work to the batch tier would save, and how far flags can be trusted. */
import type { Sliced } from "../../core/slices.ts";
import { CAN_WAIT, inBatch, MAY_WAIT, patience } from "./batch-tier.ts";
import { type LeverStep, replayAlone } from "./joint.ts";
import type { Opportunity } from "./opportunity.ts";
import type { Saving, Span } from "./saving.ts";
import type { Lane, Workload } from "./workload.ts";

/** A flag that less than this share of its feature's calls bear is more likely a mistake. */
const ODD_SHARE = 0.2;

const ASSUMPTIONS = [
  "Calls count that nobody waits for (interactive 0), that are due in 24 hours or later, and whose model has a batch price. What such a call read from a cache as it was made it is taken to read in a batch too, but nothing new: beside the prompt cache each takes whichever of the two saves more.",
  "Flags that less than a fifth of a feature's calls bear may be mistakes: the low bound leaves such calls out, the high bound takes in those due in a day whose flag says that somebody waits.",
];

/** A lever's opportunity, and beside it what would come of guesses. */
export interface BatchOpportunity extends Opportunity {
  /** Calls that say neither, have no user and are not streamed: no total holds them. */
  readonly candidates: Saving;
}

/** @returns the opportunity; where the calls leave open which of them can wait it is not assessable. */
export function* batchOpportunity(workload: Workload, span: Span): Sliced<BatchOpportunity> {
  const patient = patience(workload);
  const step = stepFor((call) => patient[call] === CAN_WAIT);
  const replay = (waits: (call: number) => boolean) => replayAlone(workload, stepFor(waits), span);
  const saving = yield* replayAlone(workload, step, span);
  const patientShare = patientShares(workload);
  const shareOf = (call: number) => patientShare[workload.feature[call] ?? 0] ?? 0;
  const sure = yield* replay((call) => patient[call] === CAN_WAIT && shareOf(call) > ODD_SHARE);
  const mistaken = yield* replay(
    (call) =>
      workload.interactive[call] !== 0 &&
      (workload.deadline[call] ?? 0) >= 24 &&
      shareOf(call) >= 1 - ODD_SHARE,
  );
  return {
    lever: "batch",
    title: "Move work that nobody waits for to the batch tier",
    subject: null,
    step,
    saving,
    estimate: { value: saving.usd, low: sure.usd, high: saving.usd + mistaken.usd },
    basis: "replayed",
    latencyEffect: "none",
    assumptions: ASSUMPTIONS,
    notAssessable: unstated(workload),
    leftOut: null,
    candidates: yield* replay((call) => patient[call] === MAY_WAIT),
  };
}

/** Why nobody can tell what may wait; null where one call at least says so, or all that they can't. */
function unstated({ interactive, deadline }: Workload): string | null {
  if (interactive.some((flag, call) => flag === 0 && !Number.isNaN(deadline[call]))) return null;
  if (interactive.length > 0 && interactive.every((flag) => flag === 1)) return null;
  return interactive.includes(0)
    ? "Not assessable: no record that nobody waits for says when it is due. Records with deadline_h would make it so."
    : "Not assessable: no record says that nobody waits for it, and not all say that somebody does. Records with interactive and deadline_h would make it so.";
}

function stepFor(waits: (call: number) => boolean): LeverStep {
  return {
    lever: "batch",
    waits,
    *apply(workload, lanes) {
      const batched: Lane[] = [];
      for (const lane of lanes) batched.push(yield* inBatch(workload, lane, waits));
      return batched;
    },
  };
}

/** The share of each feature's calls, of those that say, that nobody waits for. */
function patientShares(workload: Workload): Float64Array {
  const said = new Float64Array(workload.features.length);
  const patient = new Float64Array(workload.features.length);
  workload.interactive.forEach((flag, call) => {
    const feature = workload.feature[call] ?? 0;
    if (flag >= 0) said[feature] = (said[feature] ?? 0) + 1;
    if (flag === 0) patient[feature] = (patient[feature] ?? 0) + 1;
  });
  return patient.map((calls, feature) => calls / Math.max(1, said[feature] ?? 0));
}
