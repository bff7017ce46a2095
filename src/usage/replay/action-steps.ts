/** The steps of a plan: each lever of a portfolio as work to do, with how it is checked and undone. */
import type { ActionStep, Lever, LeverSaving } from "../../protocol/optimization.ts";
import { sureSavings } from "./portfolio.ts";

/** Hours of a day that go into such work, and days where nobody said how many hours it takes. */
const HOURS_A_DAY = 6;
const DAYS_UNSTATED = 5;
/** One-sided 5 % error and 80 % power. */
const Z_ALPHA = 1.645;
const Z_BETA = 0.842;

/** What a plan is made of. */
export interface PlanQuestion {
  /** Those of a portfolio. */
  readonly levers: readonly LeverSaving[];
  readonly hours: Readonly<Partial<Record<Lever, number>>>;
  /** The share of requests that succeed now, 0 to 1. */
  readonly successShare: number;
  /** @returns how often the model that a lever moves calls to passed its paired evaluations, 0 to 1; null where there are none. */
  readonly passShareOf: (lever: LeverSaving) => number | null;
  /** By how much a guarded share may fall at most before a step counts as harmful, 0 to 1. */
  readonly margin: number;
  /** @returns who runs what a lever changes. */
  readonly ownerOf: (lever: LeverSaving) => string;
}

interface Recipe {
  readonly change: string;
  readonly check: string;
  readonly rollback: string;
  readonly metric: string;
  readonly approval: string;
}

const SUCCESS = "share of requests that succeed";

const RECIPES: Readonly<Record<Lever, Recipe>> = {
  duplicates: {
    change:
      "Keep successful answers by model, parameters, tools and prompt hash, and give them again within the time to live.",
    check: "The share of requests answered from the store, and the calls that fall away.",
    rollback: "Switch the store off: every request is a call again at once.",
    metric: "share of answers that users accept",
    approval: "The feature's owner, who confirms that the same answer may be given twice",
  },
  right_size: {
    change: "Send the calls that suffice to the cheaper model, and the others where they go now.",
    check: "The share of calls moved, their pass share on fresh evaluations, and their cost.",
    rollback: "Point the router back at the model in use.",
    metric: "pass share of the evaluations",
    approval: "The feature's owner, on the evaluation's result",
  },
  trim: {
    change:
      "Bound the answer's length, and leave out of the prompt what is beyond the usual length of the feature.",
    check: "Tokens per request of the feature: median as before, the long tail gone.",
    rollback: "Lift the bounds.",
    metric: SUCCESS,
    approval: "The feature's owner",
  },
  prompt_cache: {
    change:
      "Put the stable part of the prompt first, mark its end for the cache, and keep what varies behind it.",
    check: "Cache-read share of the input tokens, and writes per read.",
    rollback: "Take the mark away; prompts stay as they are.",
    metric: SUCCESS,
    approval: "The feature's developers",
  },
  batch: {
    change: "Hand the work that nobody waits for to the batch interface, with its deadline.",
    check: "The share of such calls in the batch tier, and how many are late.",
    rollback: "Send the work to the standard interface again.",
    metric: "share of results in time",
    approval: "Whoever uses the results, on the deadline",
  },
};

/**
 * @returns the steps of the levers that are in, by what the low bound saves for an hour of work;
 *   those of unstated effort follow, by what they save. Nothing is applied by it.
 */
export function actionSteps(question: PlanQuestion): ActionStep[] {
  const { levers, hours } = question;
  const gain = ({ lever, monthly_usd }: LeverSaving) => {
    const effort = hours[lever];
    return effort === undefined ? null : monthly_usd.low / Math.max(effort, 1);
  };
  const inside = sureSavings(levers).toSorted((left, right) => {
    const [one, other] = [gain(left), gain(right)];
    if (one !== null && other !== null) return other - one;
    if (one === null && other === null) return right.monthly_usd.low - left.monthly_usd.low;
    return one === null ? 1 : -1;
  });
  let startsInDays = 0;
  return inside.map((lever, index): ActionStep => {
    const step = stepOf(lever, index + 1, startsInDays, question);
    startsInDays += step.takes_days;
    return step;
  });
}

function stepOf(
  saving: LeverSaving,
  position: number,
  startsInDays: number,
  question: PlanQuestion,
): ActionStep {
  const { hours, margin, ownerOf } = question;
  const { lever, subject, title, fact } = saving;
  const recipe = RECIPES[lever];
  const effort = hours[lever] ?? null;
  const present = presentShare(saving, question);
  return {
    position,
    title,
    lever,
    owner: ownerOf(saving),
    change: subject === null ? recipe.change : `${subject}: ${recipe.change}`,
    monthly_low_usd: saving.monthly_usd.low,
    effort_hours: effort,
    starts_in_days: startsInDays,
    takes_days: effort === null ? DAYS_UNSTATED : Math.max(1, Math.ceil(effort / HOURS_A_DAY)),
    facts: [fact],
    check: recipe.check,
    rollback: recipe.rollback,
    guard: { metric: recipe.metric, margin, n_per_arm: sampleSize(present.share, margin) },
    stop_rule: `Stop and roll back where the ${recipe.metric} is more than ${100 * margin} points below the other arm's (one-sided 95 %), or where half of the low saving is missed after two weeks. ${present.inWords}`,
    approval: recipe.approval,
  };
}

/** The share that a step's test is sized by: its metric's own where records have it, else what stands for it. */
function presentShare(saving: LeverSaving, { successShare, passShareOf }: PlanQuestion) {
  const { metric } = RECIPES[saving.lever];
  if (metric === SUCCESS) {
    return { share: successShare, inWords: `The test is sized by the ${SUCCESS} now.` };
  }
  const passed = saving.lever === "right_size" ? passShareOf(saving) : null;
  return passed === null
    ? {
        share: successShare,
        inWords: `No record has the ${metric}: to size the test, the ${SUCCESS} now is taken to stand for it.`,
      }
    : {
        share: passed,
        inWords: "The test is sized by the cheaper model's pass share of its paired evaluations.",
      };
}

/**
 * @returns how many requests each arm of a test needs to show that a share is at most the margin
 *   lower: (1.645 + 0.842)² · 2p(1 − p) / δ², for a one-sided 5 % error and 80 % power. A share within
 *   the margin of 0 or 1 counts as the margin away from it: nothing is so sure that no test is needed.
 */
export function sampleSize(share: number, margin: number): number {
  const p = Math.min(Math.max(share, margin), 1 - margin);
  return Math.ceil(((Z_ALPHA + Z_BETA) ** 2 * 2 * p * (1 - p)) / margin ** 2);
}
