/** All tools over the sample company, thinned out: real figures, in memory. */
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { Tool } from "../../../src/core/tool.ts";
import { toolCatalog } from "../../../src/tools/catalog.ts";
import { sampleEvaluations, sampleProfile } from "../../../src/usage/sample/stated.ts";
import { sampleRecords } from "../../../src/usage/sample.ts";
import type { Evaluation, WorkspaceStore } from "../../../src/usage/workspace.ts";
import { memoryStore } from "../usage/memory-store.ts";

const endsAt = Date.UTC(2026, 10, 21, 7, 30);
const clock: Clock = { ...systemClock, now: () => endsAt };

export function sampleTools(scale: number): readonly Tool[] {
  const options = { endsAt, scale };
  const usage = memoryStore([...sampleRecords(options)]);
  return toolCatalog({ usage, workspaces: workspacesOf(sampleEvaluations(options)), clock });
}

/** What the sample company states of itself. */
function workspacesOf(evaluations: readonly Evaluation[]): WorkspaceStore {
  const refuse = () => Promise.reject(new Error("nothing is saved here"));
  const pairs = Map.groupBy(evaluations, (each) => `${each.from_model} ${each.to_model}`);
  return {
    profile: async () => sampleProfile,
    saveProfile: refuse,
    saveEvaluations: refuse,
    evaluatedPairs: async () =>
      [...pairs.values()].flatMap(([first, ...others]) =>
        first ? [pairOf(first, others.length + 1)] : [],
      ),
    evaluations: async ({ fromModel, toModel }) => [
      ...(pairs.get(`${fromModel} ${toModel}`) ?? []),
    ],
  };
}

function pairOf(of: Evaluation, items: number) {
  const { from_model, to_model, evaluation_set, feature } = of;
  return { from_model, to_model, evaluation_set, feature, items };
}
