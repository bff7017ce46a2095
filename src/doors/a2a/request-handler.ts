/**
 * Answers A2A's requests about tasks from runs. The SDK's own handler keeps tasks and their events in the
 * memory of one process; here they are stored in the thread, so that any instance can answer the next request.
 */
import type { SendMessageRequest, StreamResponse, Task } from "@a2a-js/sdk";
import {
  A2AError,
  PushNotificationNotSupportedError,
  RequestMalformedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from "@a2a-js/sdk/errors";
import type { A2ARequestHandler } from "@a2a-js/sdk/server";
import type { Context } from "hono";
import { systemClock, timestamp } from "../../core/clock.ts";
import { isFinal } from "../../core/run-machine.ts";
import { acceptMessage } from "../../http/accept-message.ts";
import { askThread } from "../../http/ask-thread.ts";
import { type FollowedRun, followRun } from "../../http/follow-run.ts";
import { assertThread } from "../../http/known-thread.ts";
import type { SignedInEnv } from "../../http/router.ts";
import type { Run } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import { Epoch, placeOfRun, RunId, ThreadId } from "../../protocol/ids.ts";
import { inNamedThread } from "../named-thread.ts";
import { readLog } from "../thread-log.ts";
import { agentCard } from "./agent-card.ts";
import { askedMessage } from "./asked-message.ts";
import { begunTask, TaskProjector, taskOf } from "./project-task.ts";

/** A call that waits for the end of its task waits so long, in milliseconds; then it is told how it stands. */
const BLOCKING_MS = 5 * 60_000;

/**
 * @param leaving aborts when the client has left: the run is no longer followed, but continues.
 * @returns a handler for one request, which acts for that request's user.
 */
export function requestHandler(c: Context<SignedInEnv>, leaving: AbortSignal): A2ARequestHandler {
  const origin = new URL(c.req.url).origin;

  async function send({ message }: SendMessageRequest): Promise<FollowedRun> {
    const { messageId, contextId, taskId, content } = askedMessage(message);
    if (taskId !== "") {
      await readRun(c, taskId);
      throw new UnsupportedOperationError(
        "A task takes no more messages: begin another in its context.",
      );
    }
    const work = (id: ThreadId) => acceptMessage(c, id, { content, client_message_id: messageId });
    // A message without a context creates one; the same message, sent again, finds that context.
    const { thread_id, run_id, position } =
      contextId === ""
        ? await inNamedThread(c, `a2a:${messageId}`, { work })
        : await work(ThreadId.parse(contextId));
    return { threadId: thread_id, runId: run_id, position };
  }

  /** Ends with the run, or when nobody waits for it any more. */
  async function* follow(
    run: FollowedRun,
    over: AbortSignal,
  ): AsyncGenerator<StreamResponse, void, undefined> {
    const projector = new TaskProjector(run);
    const reader = followRun(c, run).getReader();
    const leave = () => void reader.cancel().catch(() => undefined);
    over.addEventListener("abort", leave, { once: true });
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield* projector.project(value);
      }
    } finally {
      over.removeEventListener("abort", leave);
      leave();
    }
  }

  async function* tell(run: FollowedRun): AsyncGenerator<StreamResponse, void, undefined> {
    const value = begunTask(run, timestamp(systemClock.now()));
    yield { payload: { $case: "task", value } };
    yield* follow(run, leaving);
  }

  return {
    getAgentCard: async () => agentCard(origin),
    getAuthenticatedExtendedAgentCard: async () => agentCard(origin),
    sendMessage: (params) =>
      told(async () => {
        const run = await send(params);
        if (!params.configuration?.returnImmediately)
          await settled(follow(run, AbortSignal.timeout(BLOCKING_MS)));
        return taskOf(await readRun(c, run.runId));
      }),
    sendMessageStream: (params) => toldAll(async () => tell(await send(params))),
    getTask: ({ id }) => told(async () => taskOf(await readRun(c, id))),
    cancelTask: ({ id }) => told(() => cancelTask(c, id)),
    resubscribe: ({ id }) =>
      toldAll(async () => {
        const run = await readRun(c, id);
        if (isFinal(run.status)) throw new UnsupportedOperationError("The task has ended.");
        const { epoch } = await readLog(c, run.thread_id, { epoch: Epoch.parse("none"), after: 0 });
        const after = (placeOfRun(run.id)?.acceptedSeq ?? 1) - 1;
        return tell({ threadId: run.thread_id, runId: run.id, position: { epoch, after } });
      }),
    listTasks: () => Promise.reject(new UnsupportedOperationError("Tasks are not listed.")),
    createTaskPushNotificationConfig: noPush,
    getTaskPushNotificationConfig: noPush,
    listTaskPushNotificationConfigs: noPush,
    deleteTaskPushNotificationConfig: noPush,
  };
}

const noPush = () => Promise.reject(new PushNotificationNotSupportedError());

/** Waits until a task has ended, or asks for something. */
async function settled(told: AsyncGenerator<StreamResponse, void, undefined>): Promise<void> {
  for await (const { payload } of told) {
    if (payload?.$case === "statusUpdate" && asks(payload.value.metadata)) return;
  }
}

function asks(metadata: Readonly<Record<string, unknown>> | undefined): boolean {
  return metadata?.event === "approval_requested";
}

async function cancelTask(c: Context<SignedInEnv>, id: string): Promise<Task> {
  const run = await readRun(c, id);
  if (isFinal(run.status)) throw new TaskNotCancelableError("The task has ended.");
  const receipt = await askThread(c, run.thread_id, (thread) => thread.cancelRun(run.id));
  if (receipt === null) throw new TaskNotFoundError();
  return taskOf(receipt);
}

/** @throws what A2A has for a task that is not there, or not the user's. */
async function readRun(c: Context<SignedInEnv>, id: string): Promise<Run> {
  const runId = RunId.safeParse(id);
  const place = runId.success ? placeOfRun(runId.data) : null;
  if (place === null || !runId.success) throw new TaskNotFoundError();
  await assertThread(c.env, c.var.principal.userId, place.threadId);
  const run = await askThread(c, place.threadId, (thread) => thread.readRun(runId.data));
  if (run === null) throw new TaskNotFoundError();
  return run;
}

/** Does what is asked, and fails in A2A's words. */
async function told<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    throw inTheirWords(error);
  }
}

async function* toldAll(
  begin: () => Promise<AsyncGenerator<StreamResponse, void, undefined>>,
): AsyncGenerator<StreamResponse, void, undefined> {
  try {
    yield* await begin();
  } catch (error) {
    throw inTheirWords(error);
  }
}

/** An error that neither side has a word for is hidden: it tells nothing of itself. */
function inTheirWords(error: unknown): Error {
  if (error instanceof A2AError) return error;
  const { code, message } = ApexError.from(error);
  const options = { message, metadata: { code } };
  if (code === "not_found") return new TaskNotFoundError(options);
  if (code === "invalid_fields" || code === "idempotency_conflict") {
    return new RequestMalformedError(options);
  }
  return new Error(message);
}
