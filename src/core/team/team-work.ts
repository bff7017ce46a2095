/**
 * The work of a team. Its first agent decides which others are needed. These then work, side by side unless one
 * depends on another, and the last writes the answer.
 */
import { ApexError } from "../../protocol/errors.ts";
import { problemOf } from "../../protocol/problem-of.ts";
import { RunWaits } from "../approval.ts";
import { agentSpan, errorTypeOf } from "../gen-ai.ts";
import type { RunWork, Telling } from "../run-work.ts";
import type { Span } from "../trace.ts";
import type { AgentOrder } from "./agent-order.ts";
import { type AgentEnd, AgentWork, type LastTurn } from "./agent-work.ts";
import { briefing } from "./brief.ts";
import { sideBySide } from "./side-by-side.ts";
import type { Team, TeamPart } from "./team.ts";
import { endOf, hasBegun, planIn, planOf, readyParts } from "./team-graph.ts";
import type { TeamNarration } from "./team-narration.ts";
import type { PartStep } from "./team-step.ts";

/** How long one agent of a team may take, in milliseconds. After that it counts as failed; the others go on. */
const PART_DEADLINE_MS = 3 * 60_000;

export class TeamWork {
  readonly #run: RunWork;
  readonly #team: Team;
  readonly #narration: TeamNarration;
  /** The agents that were started in this process. */
  readonly #taken = new Set<TeamPart>();

  constructor(run: RunWork, team: Team, narration: TeamNarration) {
    this.#run = run;
    this.#team = team;
    this.#narration = narration;
  }

  /**
   * Works until the answer is written.
   * @param life.resumed whether an earlier process was cut off in the middle of the run.
   * @returns the turn that wrote the answer, still to be committed.
   * @throws {ApexError} if the agent that writes the answer fails; the signal's reason if that is aborted.
   */
  async *run(life: { readonly resumed: boolean }): AsyncGenerator<Telling, LastTurn, void> {
    const { entry } = this.#team;
    const { steps, signal } = this.#run;
    const left = new AbortController();
    const within = AbortSignal.any([signal, left.signal]);
    try {
      if (endOf(steps, entry.name) === undefined) yield* this.#work(entry, within, life);
      if (planIn(steps) === undefined) yield () => this.#plan();
      yield* sideBySide(() => this.#begin(within, life));
      return yield* this.#speak(within, life);
    } finally {
      left.abort(new Error("The run was left."));
    }
  }

  /** What the agent that writes the answer is asked to do. */
  get speaker(): AgentOrder {
    return this.#orderOf(this.#team.speaker);
  }

  #plan() {
    const { steps } = this.#run;
    return this.#run.commit([planOf(this.#team, steps)], () => [this.#narration.planned(steps)]);
  }

  /** @returns the work of each agent that can start now, and was not started before. */
  #begin(signal: AbortSignal, life: { readonly resumed: boolean }) {
    const ready = readyParts(this.#team, this.#run.steps).filter(
      ({ part }) => !this.#taken.has(part),
    );
    return ready.map(({ part, missing }) => {
      this.#taken.add(part);
      return missing.length > 0 ? this.#skip(part, missing) : this.#work(part, signal, life);
    });
  }

  async *#skip(
    { name }: TeamPart,
    missing: readonly PartStep[],
  ): AsyncGenerator<Telling, void, void> {
    const step = partStep(name, { status: "skipped" });
    yield () => this.#run.commit([step], () => [this.#narration.skipped(name, missing)]);
  }

  /** One agent, from handoff to handback. Its failure is an outcome like any other, which the team works with. */
  async *#work(
    part: TeamPart,
    signal: AbortSignal,
    life: { readonly resumed: boolean },
  ): AsyncGenerator<Telling, void, void> {
    const { name } = part;
    const resumed = life.resumed && hasBegun(this.#run.steps, name);
    if (!hasBegun(this.#run.steps, name)) yield () => this.#handTo(part);
    const span = agentSpan(this.#run.span, name);
    const work = new AgentWork(this.#run, this.#orderOf(part), span);
    try {
      const end = yield* traced(
        span,
        inTime(part, signal, (within) => work.run(within, { resumed })),
      );
      if (end.kind === "answered") throw new Error("A part answered in place of its output.");
      const { output } = end;
      yield () => this.#end(partStep(name, { status: "completed", output }));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RunWaits) throw error;
      if (!(error instanceof ApexError)) this.#run.ports.log.error("part.failed", error);
      const problem = problemOf(ApexError.from(error));
      const failed = partStep(name, { status: "failed", problem, usage: work.leave() });
      yield () => this.#end(failed);
    }
  }

  /** The agent that writes the answer. If it fails, so does the run. */
  async *#speak(
    signal: AbortSignal,
    life: { readonly resumed: boolean },
  ): AsyncGenerator<Telling, LastTurn, void> {
    const { speaker } = this.#team;
    const begun = hasBegun(this.#run.steps, speaker.name);
    if (!begun) yield () => this.#handTo(speaker);
    const span = agentSpan(this.#run.span, speaker.name);
    const work = new AgentWork(this.#run, this.#orderOf(speaker), span);
    const resumed = life.resumed && begun;
    const end = yield* traced(
      span,
      inTime(speaker, signal, (within) => work.run(within, { resumed })),
    );
    if (end.kind === "submitted") throw new Error("A part submitted in place of the answer.");
    const step = partStep(speaker.name, { status: "completed" });
    return {
      steps: () => [...end.last.steps(), step],
      events: () => [...end.last.events(), ...this.#narration.handedBack(step, this.#run.steps)],
    };
  }

  /** @returns what an agent is asked to do, with what the others have found so far. */
  #orderOf(part: TeamPart): AgentOrder {
    const { name, tools, submission } = part;
    return {
      name,
      part: name,
      tools,
      callerTools: [],
      mustCall: false,
      conversation: briefing(part, this.#team, this.#run.order, this.#run.steps),
      speaks: submission === null,
      submission,
      mustSubmit: submission !== null,
    };
  }

  #handTo(part: TeamPart) {
    const { steps } = this.#run;
    const begun = { kind: "begun", part: part.name } as const;
    return this.#run.commit([begun], () => [this.#narration.handedTo(part, steps)]);
  }

  #end(step: PartStep) {
    const { steps } = this.#run;
    return this.#run.commit([step], () => this.#narration.handedBack(step, steps));
  }
}

/** Ends an agent's span when its work ends. */
async function* traced(
  span: Span,
  work: AsyncGenerator<Telling, AgentEnd, void>,
): AsyncGenerator<Telling, AgentEnd, void> {
  let failure: unknown = null;
  try {
    return yield* work;
  } catch (error) {
    // Waiting for an approval is no failure: the work goes on later, maybe in another process.
    failure = error instanceof RunWaits ? null : error;
    throw error;
  } finally {
    span.end(errorTypeOf(failure));
  }
}

/** Limits an agent's work to {@link PART_DEADLINE_MS}. @throws {ApexError} `run_timeout`. */
async function* inTime(
  { name }: TeamPart,
  outer: AbortSignal,
  work: (signal: AbortSignal) => AsyncGenerator<Telling, AgentEnd, void>,
): AsyncGenerator<Telling, AgentEnd, void> {
  const time = new AbortController();
  const timer = setTimeout(() => time.abort(tooLong(name)), PART_DEADLINE_MS);
  try {
    return yield* work(AbortSignal.any([outer, time.signal]));
  } finally {
    clearTimeout(timer);
  }
}

function partStep(
  part: string,
  end: Pick<PartStep, "status"> & Partial<Pick<PartStep, "output" | "problem" | "usage">>,
): PartStep {
  return { kind: "part", part, output: null, problem: null, usage: null, ...end };
}

function tooLong(part: string): ApexError {
  const minutes = PART_DEADLINE_MS / 60_000;
  return new ApexError("run_timeout", `The ${part} agent did not end within ${minutes} minutes.`);
}
