/** A run's calls of its model, read off its checkpoints, as usage of the workspace it worked for. */
import type { Step } from "../core/checkpoint.ts";
import type { Model } from "../core/model.ts";
import { type UserId, workspaceOf } from "../protocol/ids.ts";
import { ownRecord } from "../usage/own-calls.ts";
import type { UsageRecord } from "../usage/record.ts";
import type { RunRow } from "./run-row.ts";

/** What answers offline and costs nothing: no call of a model was made. */
const OFFLINE = "demo";

/** @returns a record a call that used anything, calls that broke off too. */
export function callsOf(
  run: Pick<RunRow, "run_id" | "workspace_id" | "started_at" | "accepted_at" | "model" | "agent">,
  steps: readonly Step[],
  { userId, model }: { readonly userId: UserId; readonly model: Pick<Model, "provider"> },
): UsageRecord[] {
  if (model.provider === OFFLINE) return [];
  const used = steps.flatMap((step) => ("usage" in step && step.usage !== null ? [step] : []));
  return used.flatMap(({ kind, usage }, index) =>
    usage === null
      ? []
      : ownRecord({
          workspaceId: run.workspace_id ?? workspaceOf(userId, null),
          runId: run.run_id,
          place: index + 1,
          at: run.started_at ?? run.accepted_at,
          provider: model.provider,
          model: run.model,
          agent: run.agent,
          failed: kind !== "model",
          usage,
        }),
  );
}
