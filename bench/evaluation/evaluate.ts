/** The evaluation itself: the product is started, its workspaces are filled, and it is asked everything. */
import type { ApexClient, LoggedEvent } from "../../src/client/index.ts";
import { type SampleTruth, sampleTruth } from "../../src/usage/sample/truth.ts";
import {
  LITTLE_USAGE,
  type Settings,
  startProduct,
  temporaryState,
} from "../../test/e2e/product.ts";
import { ask } from "./ask.ts";
import { PlainSums } from "./plain-sums.ts";
import type { Question } from "./question.ts";
import { type Scored, score, type World } from "./score.ts";
import { recordsOf, settle, type Workspace } from "./workspaces.ts";

/** Questions that are asked at once. */
const LANES = 2;
const SMALL_SCALE = 0.1;
/** What of the caller's environment reaches the product: the model to be scored. */
const OF_THE_MODEL = ["OPENAI_API_KEY", "OPENAI_BASE_URL", "MODEL", "MODEL_PROVIDER"];

/** @param small with a tenth of the sample company. */
export async function evaluate(
  questions: readonly Question[],
  small: boolean,
): Promise<{ readonly scored: readonly Scored[]; readonly truth: SampleTruth }> {
  await using running = new AsyncDisposableStack();
  const scale = small ? SMALL_SCALE : 1;
  const endsAt = Date.now();
  const state = await temporaryState();
  running.defer(() => state.remove());
  console.log("starting the product, with the sample company");
  const { url, kill } = await startProduct(state.path, {
    ...modelSettings(),
    ...(small && LITTLE_USAGE),
    DEMO_PACE_MS: "0",
  });
  running.defer(kill);

  const clients = new Map<Workspace, ApexClient>();
  const asked = questions.map(({ workspace }) => workspace);
  const controls = questions.some(isLabelled) ? (["small"] as const) : [];
  for (const workspace of new Set([...asked, ...controls])) {
    console.log(`bringing in ${workspace}`);
    const person = await settle(url, workspace, endsAt, scale);
    clients.set(workspace, await person.client());
  }
  const world = worldOf(endsAt, scale);
  const answerTo = (workspace: Workspace, turns: Question["turns"]) => {
    const client = clients.get(workspace);
    if (!client) throw new Error(`Nobody works in ${workspace}.`);
    return ask(client, turns);
  };
  const scored = new Map<Question, Scored>();
  const waiting = questions.values();
  const lane = async () => {
    for (const question of waiting) {
      const events = await answerTo(question.workspace, question.turns);
      const unlabelled: readonly LoggedEvent[] | null = isLabelled(question)
        ? await answerTo("small", question.turns)
        : null;
      const result = score(question, events, unlabelled, world);
      scored.set(question, result);
      const mark = result.wrong === null ? "right" : "WRONG";
      console.log(`${scored.size}/${questions.length} ${mark} ${question.turns.at(-1)}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { scored: questions.flatMap((each) => scored.get(each) ?? []), truth: world.truth };
}

function isLabelled({ expected }: Question): boolean {
  return expected === "as without the label";
}

function worldOf(endsAt: number, scale: number): World {
  const sums = new Map<Workspace, PlainSums>();
  return {
    truth: sampleTruth({ endsAt, scale }),
    sumsOf(workspace) {
      const known = sums.get(workspace) ?? new PlainSums(recordsOf(workspace, endsAt, scale));
      sums.set(workspace, known);
      return known;
    },
  };
}

function modelSettings(): Settings {
  return Object.fromEntries(
    OF_THE_MODEL.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
