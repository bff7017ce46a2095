/** Whole logs of a thread, as a server would write them: runs in order, one live at a time, and edits. */
import fc, { type Arbitrary } from "fast-check";
import type { z } from "zod";
import { FinalStatus, Finding, Metadata, RunUsage } from "../../../src/protocol/entities.ts";
import {
  AgentFallback,
  AgentThinking,
  ConnectionReady,
  Handoff,
  LoggedEvent,
  type MessageAccepted,
  type MessageDelta,
  type ServerFrame,
  ToolCompleted,
  ToolExecuting,
} from "../../../src/protocol/events.ts";
import { isLogged } from "../../../src/protocol/frames.ts";
import { MessageId, type RunId } from "../../../src/protocol/ids.ts";
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

/** @returns the same log, but that its edits take nobody's place. */
export function withoutEdits(log: readonly LogFrame[]): LogFrame[] {
  return log.map((frame) =>
    frame.type === "message_accepted"
      ? { ...frame, data: { ...frame.data, replaces: null } }
      : frame,
  );
}

/** @returns the runs that were superseded in a log, each with the first message that did so. */
export function supersededIn(log: readonly LogFrame[]): Map<RunId, MessageId> {
  const superseded = new Map<RunId, MessageId>();
  const accepted = log.filter((frame) => frame.type === "message_accepted");
  for (const { seq, data } of accepted) {
    for (const earlier of accepted) {
      if (data.replaces === null || earlier.seq < data.replaces.seq || earlier.seq >= seq) continue;
      const run = earlier.data.run_id;
      if (!superseded.has(run)) superseded.set(run, data.message_id);
    }
  }
  return superseded;
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

/** A message, as an edit names it. */
type Replaced = NonNullable<z.infer<typeof MessageAccepted>["data"]["replaces"]>;

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
  /** Accepted while a run before it is still at work, so many steps after the message before it. */
  queued: fc.option(fc.nat(4)),
  /** Which of the questions that stand it takes the place of, where it is an edit. */
  edits: fc.option(fc.nat(3), { freq: 3 }),
  status: fc.constantFrom(...FinalStatus.options),
  usage: parsedOf(RunUsage),
  findings: fc.array(parsedOf(Finding), { maxLength: 2 }),
  problem: fc.option(parsedOf(Problem), { nil: undefined }),
  renamed: fc.option(fc.record({ title: fc.string(), metadata: parsedOf(Metadata) })),
});

type RunScript = typeof anyRun extends Arbitrary<infer Script> ? Script : never;

/** Logs of up to five runs, from the thread's first event on; some take the place of others. */
export const anyLog: Arbitrary<readonly LogFrame[]> = fc
  .array(anyRun, { minLength: 1, maxLength: 4 })
  .map((runs) => new LogWriter(runs).write());

class LogWriter {
  readonly #runs: readonly RunScript[];
  readonly #frames: LogFrame[] = [];
  #seq = 0;
  #accepted = 0;
  /** Steps since a message was accepted. */
  #steps = 0;
  /** The questions that an edit may name, in their order. */
  #standing: Replaced[] = [];

  constructor(runs: readonly RunScript[]) {
    this.#runs = runs;
  }

  write(): readonly LogFrame[] {
    this.#runs.forEach((run, index) => {
      if (index === this.#accepted) this.#accept(run);
      this.#work(run, index);
    });
    return this.#frames;
  }

  #accept({ question, edits }: RunScript): void {
    const index = this.#accepted;
    const message_id = MessageId.parse(`question-${index}`);
    const replaces = edits === null ? undefined : this.#standing[edits % this.#standing.length];
    const data = {
      client_message_id: null,
      message_id,
      run_id: `run-${index}`,
      content: question,
      replaces: replaces ?? null,
      queue_position: 0,
    };
    const { seq } = this.#log(index, { type: "message_accepted", data });
    if (replaces) this.#standing = this.#standing.filter(({ seq }) => seq < replaces.seq);
    this.#standing.push({ message_id, seq });
    this.#accepted += 1;
    this.#steps = 0;
  }

  /** Everything a run tells. One that was superseded tells on, as what was under way may still arrive. */
  #work(run: RunScript, index: number): void {
    const message_id = MessageId.parse(`answer-${index}`);
    const model = "demo";
    const started = { agent_type: "supervisor", model, message_id, plan: ["Answer."] };
    this.#log(index, { type: "agent_started", data: started });
    let text = "";
    for (const step of run.work) {
      this.#acceptQueued();
      if (typeof step === "string") {
        this.#frames.push({ type: "message_delta", message_id, offset: text.length, text: step });
        text += step;
      } else {
        this.#log(index, step);
      }
    }
    this.#acceptQueued();
    const completed = {
      status: run.status,
      message_id,
      final_response: text,
      results: {
        findings: run.findings,
        grounding: { citations: [], unverified: [] },
        outcome: null,
        report: null,
      },
      usage: run.usage,
      duration_ms: 1,
      model,
      persisted: true,
      problem: run.problem,
    };
    this.#log(index, { type: "agent_completed", data: completed });
    if (run.renamed) this.#log(null, { type: "thread_updated", data: run.renamed });
  }

  /** Goes one step on, and accepts those that come by then. */
  #acceptQueued(): void {
    this.#steps += 1;
    for (;;) {
      const next = this.#runs[this.#accepted];
      if (next === undefined || next.queued === null || next.queued > this.#steps) return;
      this.#accept(next);
    }
  }

  #log(run: number | null, { type, data }: Content): LoggedEvent {
    this.#seq += 1;
    const context = {
      user_id: "user",
      thread_id: "thread",
      run_id: run === null ? null : `run-${run}`,
      agent: "supervisor",
      timestamp: new Date(this.#seq * 1000).toISOString(),
    };
    const event = LoggedEvent.parse({ type, seq: this.#seq, context, data });
    this.#frames.push(event);
    return event;
  }
}
