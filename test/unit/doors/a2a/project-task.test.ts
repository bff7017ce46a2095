/** A run as a task: whatever it tells, the answer put together is the whole one, and the state its own. */
import { type StreamResponse, TaskState } from "@a2a-js/sdk";
import fc from "fast-check";
import { expect, test } from "vitest";
import { begunTask, TaskProjector } from "../../../../src/doors/a2a/project-task.ts";
import { RunId, ThreadId } from "../../../../src/protocol/ids.ts";
import { anyRun } from "../ag-ui/runs.ts";

const IDS = { runId: RunId.parse("thread.1"), threadId: ThreadId.parse("thread") };
const FINAL = {
  completed: TaskState.TASK_STATE_COMPLETED,
  failed: TaskState.TASK_STATE_FAILED,
  cancelled: TaskState.TASK_STATE_CANCELED,
};

function answerIn(told: readonly StreamResponse[]): string {
  let answer = "";
  for (const { payload } of told) {
    if (payload?.$case !== "artifactUpdate") continue;
    const content = payload.value.artifact?.parts[0]?.content;
    const text = content?.$case === "text" ? content.value : "";
    answer = payload.value.append ? answer + text : text;
  }
  return answer;
}

test("a task tells its answer to the last letter, and ends as its run does", () => {
  fc.assert(
    fc.property(anyRun, (frames) => {
      const projector = new TaskProjector(IDS);
      const told = frames.flatMap((frame) => projector.project(frame));
      const end = frames.at(-1);
      if (end?.type !== "agent_completed") throw new Error("The run has no end");
      const last = told.at(-1)?.payload;

      expect(answerIn(told)).toBe(end.data.final_response);
      expect(last?.$case === "statusUpdate" && last.value.status?.state).toBe(
        FINAL[end.data.status],
      );
    }),
  );
});

test("every update names the task and its context", () => {
  fc.assert(
    fc.property(anyRun, (frames) => {
      const projector = new TaskProjector(IDS);
      const ids = { taskId: IDS.runId, contextId: IDS.threadId };
      for (const { payload } of frames.flatMap((frame) => projector.project(frame))) {
        expect(payload?.value).toMatchObject(ids);
      }
    }),
    { numRuns: 20 },
  );
  expect(begunTask(IDS, "2026-01-01T00:00:00Z")).toMatchObject({
    id: IDS.runId,
    contextId: IDS.threadId,
    status: { state: TaskState.TASK_STATE_SUBMITTED },
  });
});
