/**
 * A world for the agent loop: a journal that commits what it yields, as the Thread object does, a
 * client that folds the pieces of the answer, and deaths between any two outputs.
 */
import { expect } from "vitest";
import { answerText, Step, turnOffset } from "../../../src/core/checkpoint.ts";
import { runLoop } from "../../../src/core/loop.ts";
import type { Metrics } from "../../../src/core/metrics.ts";
import type { Model } from "../../../src/core/model.ts";
import type { RunOrder } from "../../../src/core/run-order.ts";
import type { LoopOutput } from "../../../src/core/run-work.ts";
import type { Team } from "../../../src/core/team/team.ts";
import { type ThreadLog, threadLog } from "../../../src/core/thread-log.ts";
import type { Tool } from "../../../src/core/tool.ts";
import type { Span } from "../../../src/core/trace.ts";
import type { CallerTool } from "../../../src/protocol/caller.ts";
import type { LoggedEvent, LoggedType } from "../../../src/protocol/events.ts";
import { MessageId, RunId, ThreadId, UserId, workspaceOf } from "../../../src/protocol/ids.ts";
import { applyDelta } from "../../../src/protocol/projection.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryEvents } from "./memory-events.ts";
import { memoryLog } from "./memory-log.ts";

const USER = UserId.parse("user");

export interface RunWorldParts {
  readonly model: Model;
  readonly tools?: readonly Tool[];
  readonly callerTools?: readonly CallerTool[];
  readonly mustCall?: boolean;
  readonly team?: Team;
  readonly saveHistory?: () => Promise<boolean>;
  readonly question?: string;
  readonly span?: Span;
  readonly metrics?: Metrics;
}

/** How one life of the run goes. */
export interface Life {
  readonly signal?: AbortSignal;
  /** Outputs after which the process dies; the last one may be lost before it was committed. */
  readonly dies?: { readonly after: number; readonly losing: boolean };
  /** Called after each output was committed or sent. */
  readonly onOutput?: (output: LoopOutput, count: number) => void | Promise<void>;
}

export class RunWorld {
  readonly clock = new FakeClock();
  readonly log = memoryLog();
  readonly steps: Step[] = [];
  /** The answer as a client has it that listened all the time. */
  text = "";
  /** What the turn under way wrote, as it was last stored. */
  draft = "";
  startedAt: number | null = null;
  /** Where the run waits for a decision: until when. */
  waitsUntil: number | null = null;
  readonly #parts: RunWorldParts;
  readonly #store = new MemoryEvents();
  readonly #journal: ThreadLog<never>;

  constructor(parts: RunWorldParts) {
    this.#parts = parts;
    this.#journal = threadLog({
      store: this.#store,
      liveSeq: () => null,
      clock: this.clock,
      userId: USER,
      threadId: ThreadId.parse("thread"),
      maxReplay: 1_000,
    });
  }

  get events(): readonly LoggedEvent[] {
    return this.#store.kept;
  }

  /** Runs from the last checkpoint. @returns how many outputs there were; a death leaves the loop as it stands. */
  async live({ signal, dies, onOutput }: Life = {}): Promise<number> {
    const { steps, draft, startedAt, waitsUntil } = this;
    this.waitsUntil = null;
    const ports = {
      model: this.#parts.model,
      clock: this.clock,
      log: this.log,
      saveHistory: this.#parts.saveHistory ?? (async () => true),
      ...(this.#parts.span && { span: this.#parts.span }),
      ...(this.#parts.metrics && { metrics: this.#parts.metrics }),
    };
    const progress = {
      startedAt,
      resumed: startedAt !== null && waitsUntil === null,
      steps: stored(steps),
      draft,
    };
    const ending = signal ?? new AbortController().signal;
    const run = runLoop(this.#order(), progress, ports, ending);
    for (let count = 1; ; count += 1) {
      if (dies && !dies.losing && count > dies.after) return count - 1;
      const { value: output, done } = await run.next();
      if (done) return count - 1;
      if (dies?.losing && count === dies.after) return count - 1;
      if (output.type === "delta") this.#send(output);
      else if (output.type === "checkpoint") this.#commit(output);
      else this.waitsUntil = output.until;
      await onOutput?.(output, count);
    }
  }

  /** Stores a checkpoint that somebody else made while nobody held the run. */
  note(step: Step): void {
    this.steps.push(...stored([step]));
  }

  /** @returns the events of a type, in order. */
  only<Type extends LoggedType>(type: Type) {
    return this.events.filter(
      (event): event is Extract<LoggedEvent, { type: Type }> => event.type === type,
    );
  }

  /** @returns how the run ended. */
  get end() {
    const [completed] = this.only("agent_completed");
    if (completed === undefined) throw new Error("The run has not ended.");
    return completed.data;
  }

  /** @returns the events' types in order, a tool's with its name and status. */
  get story(): string[] {
    return this.events.map(({ type, data }) => {
      if (type === "tool_executing") return `${type} ${data.tool_name}`;
      if (type === "handoff") return `${data.from} → ${data.to}`;
      if (type === "tool_completed") return `${type} ${data.tool_name} ${data.status}`;
      return type === "agent_completed" ? `${type} ${data.status}` : type;
    });
  }

  #send(output: Extract<LoopOutput, { type: "delta" }>): void {
    this.text = applyDelta(this.text, output);
    this.draft = this.text.slice(turnOffset(this.steps));
  }

  #commit({ events, steps }: Extract<LoopOutput, { type: "checkpoint" }>): void {
    this.#journal.append(events);
    if (events.some(({ type }) => type === "agent_started")) this.startedAt = this.clock.now();
    this.steps.push(...stored(steps));
    if (steps.some(({ kind }) => kind === "model")) this.draft = "";
  }

  #order(): RunOrder {
    const { question = "What did we spend last week?" } = this.#parts;
    return {
      runId: RunId.parse("run"),
      answerId: MessageId.parse("answer"),
      userId: USER,
      workspaceId: workspaceOf(USER, null),
      question,
      model: "model-1",
      agent: { name: "supervisor", tools: this.#parts.tools ?? [] },
      callerTools: this.#parts.callerTools ?? [],
      mustCall: this.#parts.mustCall ?? false,
      plan: ["Read the figures.", "Answer with them."],
      conversation: [
        { role: "system", content: "You are a supervisor." },
        { role: "user", content: "Hello" },
        { role: "assistant", content: "Good day.", toolCalls: [] },
        { role: "user", content: question },
      ],
      team: this.#parts.team ?? null,
    };
  }
}

/** @returns the steps as another process reads them. */
function stored(steps: readonly Step[]): Step[] {
  return Step.array().parse(JSON.parse(JSON.stringify(steps)));
}

/**
 * What holds for every run that has ended, whatever befell it (requirements E1 and E2).
 * @param agents who may have worked on it; several work side by side.
 */
export function expectWhole(world: RunWorld, agents: readonly string[] = ["supervisor"]): void {
  const { events, end } = world;
  expect(events[0]?.type).toBe("agent_started");
  expect(world.only("agent_started")).toHaveLength(1);
  expect(events.at(-1)?.type).toBe("agent_completed");
  expect(world.only("agent_completed")).toHaveLength(1);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  for (const { context } of events) {
    expect(context).toMatchObject({ user_id: "user", run_id: "run" });
    expect(agents).toContain(context.agent);
  }

  const thoughts = world.only("agent_thinking");
  expect(thoughts.length).toBeGreaterThanOrEqual(2);
  for (const { data } of thoughts) expect(data.reasoning.length).toBeGreaterThanOrEqual(50);

  const closed = world.only("tool_completed");
  const opened = closed.flatMap(({ data }) => {
    const isOpening = (event: LoggedEvent) =>
      event.type === "tool_executing" || event.type === "approval_requested";
    const [opening] = events.filter((it) => isOpening(it) && isAbout(it, data.call_id));
    return opening ?? [];
  });
  expect(opened).toHaveLength(closed.length);
  for (const type of ["approval_requested", "tool_executing", "tool_completed"] as const) {
    const ids = world.only(type).map(({ data }) => data.call_id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(closed.map(({ data }) => data.call_id)).toContain(id);
  }
  for (const [index, { seq, context }] of opened.entries()) {
    expect(closed[index]?.seq).toBeGreaterThan(seq);
    expect(closed[index]?.context.agent).toBe(context.agent);
  }

  expect(world.steps.filter(({ kind }) => kind === "end")).toHaveLength(1);
  expect(end.final_response).toBe(world.text);
  expect(end.final_response).toBe(answerText(world.steps));
  expect(end.problem === undefined).toBe(end.status !== "failed");
}

function isAbout({ data }: LoggedEvent, callId: string): boolean {
  return "call_id" in data && data.call_id === callId;
}
