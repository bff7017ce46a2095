/** One question, its answer, and an exit code: the terminal as a part of scripts. */
import { randomUUID } from "node:crypto";
import type { ApexClient } from "../client/index.ts";
import type { FinalStatus } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ServerFrame } from "../protocol/events.ts";
import type { RunId } from "../protocol/ids.ts";
import type { MessageView, ThreadView } from "../protocol/thread-view.ts";
import type { Options } from "./options.ts";
import { oneLine } from "./plain-text.ts";
import type { Printer } from "./printers.ts";
import { runOutcome } from "./run-outcome.ts";

type AskOptions = Pick<Options, "thread" | "timeoutMs">;

/**
 * @param interrupt stops the run when it aborts.
 * @returns the exit code: 0 if the run completed, 1 if it failed or was cancelled.
 * @throws {ApexError} why the question could not be asked; `run_timeout` if the run took too long.
 */
export async function ask(
  client: ApexClient,
  question: string,
  { thread, timeoutMs }: AskOptions,
  printer: Printer,
  interrupt: AbortSignal,
): Promise<0 | 1> {
  const clientMessageId = randomUUID();
  const ended = Promise.withResolvers<FinalStatus>();
  let runId: RunId | null = null;
  let outcome: FinalStatus | null = null;

  function follow(view: ThreadView): void {
    if (runId === null || outcome !== null) return;
    outcome = runOutcome(view, runId);
    const answer = answerOf(runId, view);
    if (answer) printer.answer(answer);
    if (outcome !== null) ended.resolve(outcome);
  }
  const connection = client.connect(thread, {
    onFrame(frame) {
      if (frame.type === "message_accepted" && frame.data.client_message_id === clientMessageId) {
        runId = frame.data.run_id;
      }
      follow(connection.view);
      if (belongsTo(runId, frame, connection.view)) printer.frame(frame, connection.view);
    },
    onChange: follow,
    onStatus(status, error) {
      if (error) ended.reject(error);
      if (status === "reconnecting") printer.note("not connected: trying again…");
    },
  });
  const stop = () => {
    if (runId === null) ended.resolve("cancelled");
    else connection.cancel(runId);
  };
  const timer = setTimeout(() => {
    ended.reject(overdue(timeoutMs));
    stop();
  }, timeoutMs);
  interrupt.addEventListener("abort", stop);
  if (interrupt.aborted) stop();

  try {
    connection.send(question, { clientMessageId }).then((accepted) => {
      // The acknowledgement names the run, even if its event was lost to a gap in the log.
      runId = accepted.run_id;
    }, ended.reject);
    return (await ended.promise) === "completed" ? 0 : 1;
  } finally {
    clearTimeout(timer);
    interrupt.removeEventListener("abort", stop);
    const { threadId } = connection.view;
    connection.close();
    if (runId !== null && threadId !== null) printer.note(`thread ${oneLine(threadId)}`);
  }
}

/** An opened thread replays what was said before: only this run's frames are the answer's. */
function belongsTo(runId: RunId | null, frame: ServerFrame, view: ThreadView): boolean {
  switch (frame.type) {
    case "connection_ready":
    case "error":
      return true;
    case "pong":
      return false;
    case "message_delta":
      return runId !== null && frame.message_id === answerOf(runId, view)?.id;
    default:
      return runId !== null && (frame.context.run_id ?? runId) === runId;
  }
}

function answerOf(runId: RunId, { messages }: ThreadView): MessageView | undefined {
  return messages.find((message) => message.runId === runId && message.role === "assistant");
}

function overdue(timeoutMs: number): ApexError {
  return new ApexError("run_timeout", `No answer within ${timeoutMs / 1000} s: it was stopped.`);
}
