/** What the model does in one life of the product: answers slowly, calls tools, and fails. */
import type { StepInput } from "../../test/model-server/step.ts";
import type { Random } from "./random.ts";

const FAULTS: readonly StepInput[] = [
  { status: 500 },
  { status: 429, headers: { "retry-after": "1" } },
  { text: "This half of an answer is all that comes of it. ", pace_ms: 40, cut_after_events: 4 },
];

export interface Script {
  readonly steps: readonly StepInput[];
  /** @returns how many of the first steps were faults. */
  faults(played: number): number;
}

/** @returns steps for as many requests as one life of the product makes. */
export function modelScript(random: Random, length = 1_000): Script {
  const steps = Array.from({ length }, () => randomStep(random));
  return {
    steps,
    faults: (played) => steps.slice(0, played).filter((step) => FAULTS.includes(step)).length,
  };
}

function randomStep(random: Random): StepInput {
  const chance = random.next();
  if (chance < 0.15) return FAULTS[random.between(0, FAULTS.length - 1)] ?? {};
  if (chance < 0.45) return { tool_calls: [{ name: "usage_summary", arguments: {} }] };
  const text = "A slow answer, with an emoji 🚀 in it. ".repeat(random.between(1, 8)).trim();
  return { text, pace_ms: random.between(5, 80) };
}
