/** What looks like a saving at the sample company and is none: no lever may claim anything here. */
import type { Lever } from "../../protocol/optimization.ts";
import { MODELS } from "./models.ts";

export interface Decoy {
  readonly name:
    | "prefix_below_minimum"
    | "prefix_below_break_even"
    | "repeats_at_temperature_1"
    | "night_with_waiting_user"
    | "small_model_fails";
  readonly feature: string;
  /** The lever that must leave it alone. */
  readonly lever: Lever;
  /** The model that would be the wrong choice, where the lever is a choice of models. */
  readonly model: string | null;
  readonly why: string;
}

export const DECOYS: readonly Decoy[] = [
  {
    name: "prefix_below_minimum",
    feature: "overseas-chat",
    lever: "prompt_cache",
    model: null,
    why: "The stable beginning is shorter than the model's minimum: marking it would do nothing.",
  },
  {
    name: "prefix_below_break_even",
    feature: "contract-analysis",
    lever: "prompt_cache",
    model: null,
    why: "The beginning comes again too seldom: writing it would cost more than reading it saves.",
  },
  {
    name: "repeats_at_temperature_1",
    feature: "email-drafts",
    lever: "duplicates",
    model: null,
    why: "The same prompt is sent again to be answered differently.",
  },
  {
    name: "night_with_waiting_user",
    feature: "overseas-chat",
    lever: "batch",
    model: null,
    why: "The calls come at night, and yet a person waits for each.",
  },
  {
    name: "small_model_fails",
    feature: "code-review",
    lever: "right_size",
    model: MODELS.haiku.name,
    why: "The cheap model fails its evaluation.",
  },
];
