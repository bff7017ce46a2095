/** What a workspace says of itself, which no record can: costs of work, evaluations, prices by contract. */
import * as z from "zod";
import { Lever } from "../protocol/optimization.ts";

const label = z.string().min(1).max(100);
const dollars = z.number().min(0).max(1e9);

/** What its people stated; what they left out is never guessed. */
export const WorkspaceProfile = z.strictObject({
  name: label.nullable(),
  hourly_rate_usd: dollars.nullable().describe("What an hour of the team's work costs"),
  implementation_hours: z
    .partialRecord(Lever, z.number().min(0).max(100_000))
    .describe("What each lever takes to put in place"),
  running_cost_monthly_usd: dollars.nullable().describe("What keeping the levers running costs"),
  monthly_budget_usd: dollars.nullable(),
  duplicates_allowed_features: z
    .array(label)
    .max(100)
    .describe("Features that may answer alike whatever their temperature"),
});
export type WorkspaceProfile = z.infer<typeof WorkspaceProfile>;

/** The profile of a workspace that stated nothing. */
export const NO_PROFILE: WorkspaceProfile = {
  name: null,
  hourly_rate_usd: null,
  implementation_hours: {},
  running_cost_monthly_usd: null,
  monthly_budget_usd: null,
  duplicates_allowed_features: [],
};

/** One item that two models answered: the pair, and whether each answer passed. */
export const Evaluation = z.strictObject({
  evaluation_set: label,
  item_id: z.string().min(1).max(128),
  ts: z.number().int().min(0).describe("Milliseconds since the Unix epoch"),
  feature: label.nullable(),
  from_model: label,
  to_model: label,
  from_passed: z.literal([0, 1]),
  to_passed: z.literal([0, 1]),
  from_latency_ms: z.number().min(0).nullable(),
  to_latency_ms: z.number().min(0).nullable(),
});
export type Evaluation = z.infer<typeof Evaluation>;

/** Which evaluations are asked for. */
export interface EvaluationQuery {
  readonly workspaceId: string;
  readonly fromModel: string;
  readonly toModel: string;
  /** Null for every set. */
  readonly evaluationSet: string | null;
}

/** The pairs of models a workspace has evaluations of. */
export const EvaluatedPair = Evaluation.pick({
  from_model: true,
  to_model: true,
  evaluation_set: true,
  feature: true,
}).extend({ items: z.number().int().min(1) });
export type EvaluatedPair = z.infer<typeof EvaluatedPair>;

/** Where that is kept. Every method throws {@link ApexError} `unavailable` where it can't be reached. */
export interface WorkspaceStore {
  profile(workspaceId: string): Promise<WorkspaceProfile>;
  saveProfile(workspaceId: string, profile: WorkspaceProfile): Promise<void>;
  /** Stores evaluations; the same item again replaces what was known of it. */
  saveEvaluations(workspaceId: string, evaluations: readonly Evaluation[]): Promise<void>;
  evaluatedPairs(workspaceId: string): Promise<EvaluatedPair[]>;
  evaluations(query: EvaluationQuery): Promise<Evaluation[]>;
}
