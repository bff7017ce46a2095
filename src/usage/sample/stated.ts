/** What the sample company says of itself, which no record can: costs of its work, and evaluations of models. */
import { RandomSource } from "../random-source.ts";
import { SAMPLE_SEED, type SampleOptions } from "../sample.ts";
import type { Evaluation, WorkspaceProfile } from "../workspace.ts";
import { SMALL_PASSES } from "./features.ts";
import { seedOf } from "./made-up-hash.ts";
import { MODELS, type Model } from "./models.ts";
import { DAY_MS } from "./requests.ts";

export const sampleProfile: WorkspaceProfile = {
  name: "Sample company",
  hourly_rate_usd: 120,
  implementation_hours: { duplicates: 24, right_size: 40, trim: 32, prompt_cache: 12, batch: 16 },
  running_cost_monthly_usd: 300,
  monthly_budget_usd: 22_000,
  duplicates_allowed_features: [],
};

/** A pair of models on one feature's items, and how often the answers of each truly pass. */
interface Trial {
  readonly set: string;
  readonly feature: string;
  readonly from: Model;
  readonly to: Model;
  readonly items: number;
  readonly fromPasses: number;
  readonly toPasses: number;
  readonly outputTokens: number;
}

/** The first shows that the small model will do; the second, that it will not. */
const TRIALS: readonly Trial[] = [
  {
    set: "triage-labels",
    feature: "ticket-triage",
    from: MODELS.opus,
    to: MODELS.haiku,
    items: 600,
    fromPasses: 0.975,
    toPasses: SMALL_PASSES,
    outputTokens: 12,
  },
  {
    set: "review-findings",
    feature: "code-review",
    from: MODELS.opus,
    to: MODELS.haiku,
    items: 360,
    fromPasses: 0.94,
    toPasses: 0.71,
    outputTokens: 3_800,
  },
];

/** How often the small model passes at what the control still has the large one do. */
const LEFT_PASSES = 0.04;

/** @returns the paired evaluations of what the large models do, drawn from the true pass shares. */
export function sampleEvaluations({
  endsAt,
  seed = SAMPLE_SEED,
  company,
}: SampleOptions): Evaluation[] {
  const ts = Math.floor(endsAt / DAY_MS) * DAY_MS - 7 * DAY_MS;
  return TRIALS.flatMap((trial) => {
    const random = new RandomSource(seedOf(`${seed}/evaluations/${trial.set}`));
    const passed = (share: number) => (random.chance(share) ? 1 : 0);
    const latency = ({ firstTokenMs, tokenMs }: Model) =>
      random.logNormal(firstTokenMs + trial.outputTokens * tokenMs, 0.25);
    return Array.from({ length: trial.items }, (_, item) => ({
      evaluation_set: trial.set,
      item_id: `item-${String(item + 1).padStart(4, "0")}`,
      ts: ts + item * 1_000,
      feature: trial.feature,
      from_model: trial.from.name,
      to_model: trial.to.name,
      from_passed: passed(trial.fromPasses),
      to_passed: passed(company === "control" ? LEFT_PASSES : trial.toPasses),
      from_latency_ms: latency(trial.from),
      to_latency_ms: latency(trial.to),
    }));
  });
}
