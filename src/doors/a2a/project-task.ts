/** A run as a task of A2A: as it stands, and as it goes on. */
import { type Message, Role, type StreamResponse, type Task, TaskState } from "@a2a-js/sdk";
import type { RunFrame } from "../../http/follow-run.ts";
import type { Run, RunStatus } from "../../protocol/entities.ts";
import type { LoggedEvent } from "../../protocol/events.ts";
import type { RunId, ThreadId } from "../../protocol/ids.ts";
import { AnswerText, type Telling } from "../answer-text.ts";

const STATES = {
  queued: TaskState.TASK_STATE_SUBMITTED,
  running: TaskState.TASK_STATE_WORKING,
  completed: TaskState.TASK_STATE_COMPLETED,
  failed: TaskState.TASK_STATE_FAILED,
  cancelled: TaskState.TASK_STATE_CANCELED,
} as const satisfies Record<RunStatus, TaskState>;

/** A task and its context: a run and its thread, by the same ids. */
interface TaskIds {
  readonly runId: RunId;
  readonly threadId: ThreadId;
}

/** @returns the task that a run is, as it stands. */
export function taskOf(run: Run): Task {
  const ids = { runId: run.id, threadId: run.thread_id };
  const answer = run.final_response;
  return {
    ...begunTask(ids, run.completed_at ?? run.started_at ?? run.created_at),
    status: {
      state: STATES[run.status],
      message: run.problem ? said(ids, `${run.id}.problem`, run.problem.detail) : undefined,
      timestamp: run.completed_at ?? run.started_at ?? run.created_at,
    },
    artifacts: answer ? [artifactOf(run.answer_id, answer)] : [],
  };
}

/** @returns a task that was taken, and of which nothing has been told yet. */
export function begunTask({ runId, threadId }: TaskIds, timestamp: string): Task {
  return {
    id: runId,
    contextId: threadId,
    status: { state: TaskState.TASK_STATE_SUBMITTED, message: undefined, timestamp },
    artifacts: [],
    history: [],
    metadata: undefined,
  };
}

/** Takes a run's frames in order: what it does is its status, and what it answers its one artifact. */
export class TaskProjector {
  readonly #ids: TaskIds;
  readonly #text = new AnswerText();

  constructor(ids: TaskIds) {
    this.#ids = ids;
  }

  project(frame: RunFrame): StreamResponse[] {
    if (frame.type === "message_delta") {
      return this.#answer(frame.message_id, this.#text.told === "", this.#text.hear(frame));
    }
    const working = TaskState.TASK_STATE_WORKING;
    switch (frame.type) {
      case "agent_started":
        return [this.#status(frame, working)];
      case "agent_thinking":
        return [this.#status(frame, working, frame.data.reasoning)];
      case "handoff":
        return [this.#status(frame, working, frame.data.reason)];
      case "tool_executing":
        return [this.#status(frame, working, frame.data.operation)];
      case "agent_fallback":
        return [this.#status(frame, working, frame.data.action)];
      case "approval_requested":
        return [this.#status(frame, TaskState.TASK_STATE_INPUT_REQUIRED, frame.data.operation)];
      case "approval_decided":
      case "tool_completed":
        return [this.#status(frame, working)];
      case "agent_completed":
        return this.#end(frame);
      case "message_accepted":
      case "thread_updated":
        return [];
    }
  }

  #end(event: Extract<LoggedEvent, { type: "agent_completed" }>): StreamResponse[] {
    const { message_id, final_response, status, problem } = event.data;
    const first = this.#text.told === "";
    const answer = this.#answer(message_id, first, this.#text.end(final_response));
    return [...answer, this.#status(event, STATES[status], problem?.detail)];
  }

  /** An answer that was taken back takes the place of what was told of it. */
  #answer(answerId: string, first: boolean, telling: Telling): StreamResponse[] {
    if (telling.kind === "nothing") return [];
    const append = telling.kind === "more" && !first;
    const text = append ? telling.text : this.#text.told;
    const value = {
      taskId: this.#ids.runId,
      contextId: this.#ids.threadId,
      artifact: artifactOf(answerId, text),
      append,
      lastChunk: false,
      metadata: undefined,
    };
    return [{ payload: { $case: "artifactUpdate", value } }];
  }

  /** What A2A has no word for goes with the status, under our name for it. */
  #status({ type, seq, context, data }: LoggedEvent, state: TaskState, text?: string) {
    const { runId: taskId, threadId: contextId } = this.#ids;
    const message =
      text === undefined ? undefined : said(this.#ids, `${taskId}.status.${seq}`, text);
    const call = "call_id" in data && {
      call_id: data.call_id,
      ...("tool_name" in data && { tool_name: data.tool_name }),
    };
    const value = {
      taskId,
      contextId,
      status: { state, message, timestamp: context.timestamp },
      metadata: { event: type, seq, agent: context.agent, ...call },
    };
    return { payload: { $case: "statusUpdate", value } } as const;
  }
}

function artifactOf(answerId: string, text: string) {
  return {
    artifactId: answerId,
    name: "answer",
    description: "",
    parts: [textPart(text)],
    metadata: undefined,
    extensions: [],
  };
}

function said({ runId, threadId }: TaskIds, messageId: string, text: string): Message {
  return {
    messageId,
    contextId: threadId,
    taskId: runId,
    role: Role.ROLE_AGENT,
    parts: [textPart(text)],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
}

function textPart(value: string) {
  return {
    content: { $case: "text", value } as const,
    metadata: undefined,
    filename: "",
    mediaType: "text/markdown",
  };
}
