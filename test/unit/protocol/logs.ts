/** Whole logs of a thread, as a server would write them: runs in order, one live at a time. */
import fc, { type Arbitrary } from "fast-check";
import { FinalStatus, Finding, Metadata, RunUsage } from "../../../src/protocol/entities.ts";
import {
  AgentFallback,
  AgentThinking,
  ConnectionReady,
  Handoff,
  LoggedEvent,
  type MessageDelta,
  type ServerFrame,
  ToolCompleted,
  ToolExecuting,
} from "../../../src/protocol/events.ts";
import { isLogged } from "../../../src/protocol/frames.ts";
import { MessageId } from "../../../src/protocol/ids.ts";
import { Problem } from "../../../src/protocol/problem.ts";
import { project } from "../../../src/protocol/projection.ts";
import { EMPTY_THREAD, type ThreadView } from "../../../src/protocol/thread-view.ts";
import { codePoint, parsedOf } from "./arbitraries.ts";

/** What travels to one client: the log's events, and the answers' text between them. */
export type LogFrame = LoggedEvent | MessageDelta;

/** @returns what has a place in the log. */
export function eventsOf(frames: readonly LogFrame[]): LoggedEvent[] {
  return frames.filter(isLogged);
}

/** @returns the view after the frames, in the order given. */
export function fold(frames: readonly ServerFrame[], view: ThreadView = EMPTY_THREAD): ThreadView {
  return frames.reduce(project, view);
}

/** @returns the first frame of a connection. */
export function ready(
  data: { readonly recovered: boolean; readonly replay_after: number },
  epoch = "e",
) {
  return ConnectionReady.parse({
    type: "connection_ready",
    seq: null,
    context: {
      user_id: "user",
      thread_id: "thread",
      run_id: null,
      agent: null,
      timestamp: "2026-01-01T00:00:00Z",
    },
    data: {
      protocol: "1.0",
      epoch,
      last_seq: 1_000,
      live_run_id: null,
      limits: {
        max_frame_bytes: 1,
        max_message_length: 1,
        max_queued_runs: 1,
        max_replay: 1,
      },
      ...data,
    },
  });
}

type Content = Pick<LoggedEvent, "type"> & { readonly data: object };

/** What a run does between its first event and its last: lines of its timeline, and pieces of text. */
const work: Arbitrary<readonly (Content | string)[]> = fc
  .array(
    fc.oneof(
      parsedOf(AgentThinking).map((event) => [event]),
      parsedOf(Handoff).map((event) => [event]),
      parsedOf(AgentFallback).map((event) => [event]),
      fc
        .tuple(parsedOf(ToolExecuting), parsedOf(ToolCompleted))
        .map(([opened, closed]) => [
          opened,
          { ...closed, data: { ...closed.data, call_id: opened.data.call_id } },
        ]),
      fc.string({ unit: codePoint, minLength: 1, maxLength: 8 }).map((piece) => [piece]),
    ),
    { maxLength: 6 },
  )
  .map((steps) => steps.flat());

const anyRun = fc.record({
  question: fc.string({ minLength: 1, maxLength: 12 }),
  work,
  /** Accepted while the run before it was still at work. */
  queued: fc.boolean(),
  status: fc.constantFrom(...FinalStatus.options),
  usage: parsedOf(RunUsage),
  findings: fc.array(parsedOf(Finding), { maxLength: 2 }),
  problem: fc.option(parsedOf(Problem), { nil: undefined }),
  renamed: fc.option(fc.record({ title: fc.string(), metadata: parsedOf(Metadata) })),
});

type RunScript = typeof anyRun extends Arbitrary<infer Script> ? Script : never;

/** Logs of up to three runs, from the thread's first event on. */
export const anyLog: Arbitrary<readonly LogFrame[]> = fc
  .array(anyRun, { minLength: 1, maxLength: 3 })
  .map(writeLog);

function writeLog(runs: readonly RunScript[]): readonly LogFrame[] {
  const frames: LogFrame[] = [];
  let seq = 0;
  function log(run: number | null, { type, data }: Content) {
    seq += 1;
    const context = {
      user_id: "user",
      thread_id: "thread",
      run_id: run === null ? null : `run-${run}`,
      agent: "supervisor",
      timestamp: new Date(seq * 1000).toISOString(),
    };
    frames.push(LoggedEvent.parse({ type, seq, context, data }));
  }
  function accept(index: number, content: string) {
    const ids = {
      client_message_id: null,
      message_id: `question-${index}`,
      run_id: `run-${index}`,
    };
    log(index, {
      type: "message_accepted",
      data: { ...ids, content, replaces: null, queue_position: 0 },
    });
  }
  runs.forEach((run, index) => {
    const answer = MessageId.parse(`answer-${index}`);
    const next = runs[index + 1];
    if (index === 0 || !run.queued) accept(index, run.question);
    const model = "demo";
    const started = { agent_type: "supervisor", model, message_id: answer, plan: ["Answer."] };
    log(index, { type: "agent_started", data: started });
    let text = "";
    for (const step of run.work) {
      if (typeof step === "string") {
        const offset = text.length;
        frames.push({ type: "message_delta", message_id: answer, offset, text: step });
        text += step;
      } else {
        log(index, step);
      }
    }
    if (next?.queued) accept(index + 1, next.question);
    log(index, {
      type: "agent_completed",
      data: {
        status: run.status,
        message_id: answer,
        final_response: text,
        results: { findings: run.findings },
        usage: run.usage,
        duration_ms: 1,
        model,
        persisted: true,
        problem: run.problem,
      },
    });
    if (run.renamed) log(null, { type: "thread_updated", data: run.renamed });
  });
  return frames;
}
