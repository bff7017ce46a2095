/** The work of one agent: model turns and tool calls in turn, until it answers or submits its output. */
import { ApexError } from "../../protocol/errors.ts";
import type { NewEvent } from "../../protocol/events.ts";
import type { Json } from "../../protocol/json.ts";
import { problemOf } from "../../protocol/problem-of.ts";
import { approvalMove, mayHaveRun, RunWaits } from "../approval.ts";
import { callerCalls } from "../caller.ts";
import {
  conversationOf,
  nextStep,
  pendingCall,
  type Step,
  stepsOf,
  toolStepsOf,
} from "../checkpoint.ts";
import type { TextPiece } from "../delta-stream.ts";
import type { ModelToolCall, ModelUsage } from "../model.ts";
import { ModelTurn } from "../model-turn.ts";
import { Narration } from "../narration.ts";
import type { RunWork, Telling } from "../run-work.ts";
import { type CallOutcome, unknownOutcome } from "../tool-call.ts";
import { toolStep } from "../tool-step.ts";
import type { Span } from "../trace.ts";
import type { AgentOrder } from "./agent-order.ts";
import { notSubmitted, readSubmission } from "./submission.ts";
import { beginModelCall, executeTraced } from "./traced-steps.ts";

/** How many model turns an agent may take, so that a model that never finishes is stopped. */
const MAX_TURNS = 8;
/** How often an agent may correct a submission that does not match its schema. */
const MAX_REPAIRS = 1;

/** The turn that ended an agent's work. It is not committed yet, but together with what follows from it. */
export interface LastTurn {
  readonly steps: () => readonly Step[];
  readonly events: () => readonly NewEvent[];
}

/** Used if that turn is committed already, because it called functions that the client executes. */
const NOTHING_MORE: LastTurn = { steps: () => [], events: () => [] };

/** How an agent's work ended: with an output for the other agents, or with the answer's text. */
export type AgentEnd =
  | { readonly kind: "submitted"; readonly output: Json }
  | { readonly kind: "answered"; readonly last: LastTurn };

export class AgentWork {
  readonly #run: RunWork;
  readonly #order: AgentOrder;
  readonly #narration: Narration;
  readonly #span: Span;
  #turn: ModelTurn;

  /** @param span the parent of the spans of its turns and calls. */
  constructor(run: RunWork, order: AgentOrder, span: Span = run.span) {
    this.#run = run;
    this.#span = span;
    this.#order = order;
    this.#narration = new Narration(run.order, order);
    this.#turn = this.#nextTurn();
  }

  /**
   * Restores the turn in which an earlier process was cut off. Its text is kept if the run ends before another turn.
   * @param draft what that turn had written.
   * @returns it as a piece of the answer.
   */
  takeUp(draft: string): TextPiece {
    this.#turn.restore(draft);
    this.#run.begin(this.#turn, this.#order.speaks);
    return this.#turn.piece;
  }

  /** Gives the work up. @returns the tokens that its unfinished turn had used; null for none. */
  leave(): ModelUsage | null {
    return this.#run.leave(this.#turn) ? this.#turn.usage : null;
  }

  /**
   * Works until the agent answers or submits.
   * @param life.resumed whether an earlier process was cut off, perhaps in the middle of a step.
   * @throws {ApexError} if it gets neither done; the signal's reason if that is aborted.
   */
  async *run(
    signal: AbortSignal,
    life: { readonly resumed: boolean },
  ): AsyncGenerator<Telling, AgentEnd, void> {
    const { mustSubmit, submission } = this.#order;
    for (let { resumed } = life; ; resumed = false) {
      const next = nextStep(this.#steps);
      if (next.kind === "tool" && next.call.name === submission?.name) {
        const { call } = next;
        try {
          const output = readSubmission(submission, call.arguments, this.#run.steps);
          return { kind: "submitted", output };
        } catch (error) {
          yield this.#refusal(call, ApexError.from(error));
        }
      } else if (next.kind === "tool") {
        yield* this.#call(next.call, signal, resumed);
      } else if (next.kind === "model") {
        signal.throwIfAborted();
        if (next.turn > MAX_TURNS) throw tooManyTurns();
        yield* this.#stream(signal, resumed);
        const last = this.#lastTurn(next.turn);
        if (this.#turn.calls.length === 0 && !mustSubmit) return { kind: "answered", last };
        yield () => this.#run.commit(last.steps(), last.events);
      } else if (next.kind === "answer" && submission !== null && mustSubmit) {
        yield this.#refusal(null, notSubmitted(submission.name));
      } else if (next.kind === "answer" && callerCalls(this.#steps).length > 0) {
        return { kind: "answered", last: NOTHING_MORE };
      } else {
        throw new Error("An agent was asked to go on with work that has ended.");
      }
    }
  }

  /** The steps of this agent alone. */
  get #steps(): readonly Step[] {
    return stepsOf(this.#run.steps, this.#order.part);
  }

  get #part() {
    return this.#order.part === null ? {} : { part: this.#order.part };
  }

  #nextTurn(): ModelTurn {
    const messages = [...this.#order.conversation, ...conversationOf(this.#steps)];
    return new ModelTurn(this.#run.steps, messages);
  }

  async *#stream(signal: AbortSignal, resumed: boolean): AsyncGenerator<Telling, void, void> {
    const { callerTools, mustCall, speaks, submission, tools } = this.#order;
    const { ports, order } = this.#run;
    const turn = this.#nextTurn();
    this.#turn = turn;
    this.#run.begin(turn, speaks);
    if (resumed && speaks) yield () => this.#run.delta(turn.piece);
    const offered = [...tools, ...callerTools, ...(submission === null ? [] : [submission])];
    const call = beginModelCall(this.#run, this.#order.name, this.#span);
    const request = { model: order.model, tools: offered, mustCall, trace: call.trace, signal };
    let failure: unknown = new Error("The turn was left.");
    try {
      for await (const output of turn.stream(ports.model, request)) {
        call.answered();
        if (speaks) yield () => this.#run.delta(output, output.type === "restart");
        if (output.type === "restart") {
          call.restarted();
          const told = this.#narration.restart(output.reason);
          yield () => this.#run.commit([], () => [told]);
        }
      }
      failure = null;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      call.end(turn, failure);
    }
  }

  /** The turn that was just streamed, ready to be committed. */
  #lastTurn(round: number): LastTurn {
    const turn = this.#turn;
    const { speaks } = this.#order;
    return {
      steps: () => {
        this.#run.leave(turn);
        const step = turn.toStep(this.#order.callerTools);
        return [{ ...step, ...this.#part, ...(!speaks && { silent: true }) }];
      },
      events: () => [...this.#narration.decision(turn, round), ...this.#afterTurn(turn)],
    };
  }

  /** The next call is announced in the same transaction, so that a pending call is always one clients know of. */
  #afterTurn({ finish }: ModelTurn): readonly NewEvent[] {
    const announced = this.#announced() ?? [];
    if (finish === "stop" || finish === "tool_calls") return announced;
    return [this.#narration.cutShort(), ...announced];
  }

  async *#call(
    call: ModelToolCall,
    signal: AbortSignal,
    resumed: boolean,
  ): AsyncGenerator<Telling, void, void> {
    const outcome = yield* this.#outcome(call, signal, resumed);
    yield () => {
      const step = { ...toolStep(call, outcome, this.#run.steps), ...this.#part };
      return this.#run.commit([step], () => [
        ...this.#narration.substitution(call, outcome),
        this.#narration.toolCompleted(call, outcome),
        ...(this.#announced() ?? [this.#narration.grounds(toolStepsOf(this.#steps))]),
      ]);
    };
  }

  /** Executes a call, once it may be. @throws {RunWaits} if a person has to approve it first. */
  async *#outcome(
    call: ModelToolCall,
    signal: AbortSignal,
    resumed: boolean,
  ): AsyncGenerator<Telling, CallOutcome, void> {
    const { tools } = this.#order;
    const { ports, steps } = this.#run;
    if (mayHaveRun(call, tools, steps, resumed)) return unknownOutcome(call);
    for (;;) {
      const moment = { now: ports.clock.now(), stopped: signal.aborted };
      const move = approvalMove(call, tools, steps, moment);
      if (move.kind === "execute") break;
      if (move.kind === "close") return move.outcome;
      if (move.kind === "wait") throw new RunWaits(move.until);
      const step = { ...move.step, ...this.#part };
      yield () => this.#run.commit([step], () => [this.#narration.approval(call, step)]);
    }
    return await executeTraced(this.#run, call, tools, { span: this.#span, signal });
  }

  /** @returns the events that announce the next call (none for a submission); null if no call is pending. */
  #announced(): readonly NewEvent[] | null {
    const call = pendingCall(this.#steps);
    if (call === null) return null;
    if (call.name === this.#order.submission?.name) return [];
    return this.#narration.toolAnnounced(call, this.#run.steps);
  }

  /** Tells the model why its submission is refused. @throws the error itself if it had its chance to correct it. */
  #refusal(call: ModelToolCall | null, error: ApexError): Telling {
    const { mustSubmit } = this.#order;
    const refused = this.#steps.filter(({ kind }) => kind === "refusal").length;
    if (mustSubmit && refused >= MAX_REPAIRS) throw error;
    const { code, detail, errors } = problemOf(error);
    const content = JSON.stringify({ error: { code, detail, ...(errors && { errors }) } });
    const step = { kind: "refusal", call_id: call?.id ?? null, content, ...this.#part } as const;
    return () => this.#run.commit([step], () => this.#announced() ?? []);
  }
}

function tooManyTurns(): ApexError {
  const detail = `The model asked for tools ${MAX_TURNS} times without an answer. Ask for less at once.`;
  return new ApexError("step_limit", detail);
}
