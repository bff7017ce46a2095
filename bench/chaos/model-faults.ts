/** What the model does in one life of the product: answers slowly, calls tools, and fails. */
import { streamData } from "../../test/model-server/completion.ts";
import { CompletionRequest, Step, type StepInput } from "../../test/model-server/step.ts";
import { marksOf } from "./answer-marks.ts";
import type { Random } from "./random.ts";

/** Every kind of failure that the model itself can have; the network before it has its own. */
const FAULTS: readonly [Fault, ...Fault[]] = [
  () => ({ status: 500 }),
  () => ({ status: 429, headers: { "retry-after": "1" } }),
  (random, mark) => ({ ...slowAnswer(random, mark), cut_after_events: random.between(1, 6) }),
  (random, mark) => ({ ...slowAnswer(random, mark), unfinished: true }),
  // It thinks for long before it says a word.
  (random, mark) => ({ ...slowAnswer(random, mark), delay_ms: random.between(1_000, 6_000) }),
  // Every write tears characters apart.
  (random, mark) => ({
    ...slowAnswer(random, mark),
    pace_ms: 5,
    write_bytes: random.between(1, 3),
  }),
  cutInsideCharacter,
];
/** @param mark that this answer alone has. */
type Fault = (random: Random, mark: string) => StepInput;

/** The share of requests that the model fails. */
const FAULTY = 0.15;
const TOOL_CALLS = 0.3;

export interface Script {
  readonly steps: readonly StepInput[];
  /** @returns how many of the first steps were faults. */
  faults(played: number): number;
}

/** @returns steps for as many requests as one life of the product makes. */
export function modelScript(random: Random, length = 1_000): Script {
  const markOf = marksOf(random.branch("marks"));
  const script = Array.from({ length }, (_, number) =>
    drawStep(random.branch(`step ${number}`), markOf(number)),
  );
  return {
    steps: script.map(({ step }) => step),
    faults: (played) => script.slice(0, played).filter(({ isFault }) => isFault).length,
  };
}

function drawStep(
  random: Random,
  mark: string,
): { readonly step: StepInput; readonly isFault: boolean } {
  if (random.chance(FAULTY)) return { step: random.pick(FAULTS)(random, mark), isFault: true };
  const step = random.chance(TOOL_CALLS)
    ? { tool_calls: [{ name: "usage_summary", arguments: {} }] }
    : slowAnswer(random, mark);
  return { step, isFault: false };
}

function slowAnswer(random: Random, mark: string): StepInput {
  const text = "A slow answer, with an emoji 🚀 in it. ".repeat(random.between(1, 8));
  return { text: `${text}${mark}.`, pace_ms: random.between(5, 80) };
}

/** The stream ends between two bytes of one character. */
function cutInsideCharacter(random: Random, mark: string): StepInput {
  const step = slowAnswer(random, mark);
  const request = CompletionRequest.parse({ model: "gpt-5-mini", messages: [], stream: true });
  const events = [...streamData(Step.parse(step), request)].map((data) => `data: ${data}\n\n`);
  const character = Buffer.from(events.join("")).indexOf("🚀");
  return { ...step, cut_after_bytes: character + random.between(1, 3) };
}
