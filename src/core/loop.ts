/**
 * The agent loop: model turns and tool calls until there is an answer, told as the run's events.
 *
 * A generator that owns no storage: each checkpoint it yields has to be committed before it is
 * asked for more, and from those checkpoints alone it carries on in another process.
 */
import type { FinalStatus } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import type { NewEvent } from "../protocol/events.ts";
import type { Problem } from "../protocol/problem.ts";
import {
  conversationOf,
  type EndStep,
  factIdOf,
  nextStep,
  pendingCall,
  type Step,
  type ToolStep,
  toolStepsOf,
  usageOf,
} from "./checkpoint.ts";
import type { Clock } from "./clock.ts";
import type { TextPiece } from "./delta-stream.ts";
import type { Log } from "./log.ts";
import type { Model, ModelToolCall } from "./model.ts";
import { ModelTurn } from "./model-turn.ts";
import { Narration } from "./narration.ts";
import type { RunOrder, RunProgress } from "./run-order.ts";
import { type CallOutcome, executeCall, unknownOutcome } from "./tool-call.ts";

/** Model turns a run may take; past it a model that never answers is stopped. */
const MAX_TURNS = 8;

/** The user ended the run: the abort reason that ends it as cancelled. */
export class RunCancelled extends Error {
  override readonly name = "RunCancelled";
}

export interface LoopPorts {
  readonly model: Model;
  readonly clock: Clock;
  readonly log: Log;
  /** Gives the history a bounded chance to catch up. @returns whether it has everything now. */
  readonly saveHistory: () => Promise<boolean>;
}

export type LoopOutput =
  /** `broken`: what the piece takes back is no part of the answer, though the run ends here. */
  | ({ readonly type: "delta"; readonly broken: boolean } & TextPiece)
  /** To be committed in one transaction, and only then sent. */
  | {
      readonly type: "checkpoint";
      readonly events: readonly NewEvent[];
      readonly steps: readonly Step[];
    };

/**
 * Runs to the end, whatever breaks: a failure, a cancel and a deadline all end in
 * `agent_completed`. Abort with {@link RunCancelled} to cancel, with an {@link ApexError} to fail;
 * any other reason means that this process gives the run up, to be carried on elsewhere.
 * @throws the signal's reason in that last case.
 */
export async function* runLoop(
  order: RunOrder,
  progress: RunProgress,
  ports: LoopPorts,
  signal: AbortSignal,
): AsyncGenerator<LoopOutput, void, void> {
  const steps = [...progress.steps];
  const startedAt = progress.startedAt ?? ports.clock.now();
  const narration = new Narration(order);
  let turn = nextTurn();
  turn.text = progress.draft;
  let { resumed } = progress;

  if (progress.startedAt === null) {
    yield checkpoint(narration.opening());
  } else if (resumed && nextStep(steps).kind !== "complete") {
    yield delta(turn.piece);
    yield checkpoint([narration.resumption()]);
  }

  try {
    for (let next = nextStep(steps); ; next = nextStep(steps), resumed = false) {
      if (next.kind === "tool") {
        const outcome = await runCall(next.call);
        const step = toolStep(next.call, outcome, steps);
        steps.push(step);
        yield checkpoint([narration.toolCompleted(next.call, outcome), ...afterTool()], [step]);
      } else if (next.kind === "model") {
        signal.throwIfAborted();
        if (next.turn > MAX_TURNS) throw tooManyTurns();
        turn = nextTurn();
        if (resumed) yield delta(turn.piece);
        yield* streamTurn();
        const step = turn.toStep();
        steps.push(step);
        const events = [...narration.decision(turn, next.turn), ...afterTurn()];
        turn = nextTurn();
        if (nextStep(steps).kind === "answer") yield end("completed", null, { events, step });
        else yield checkpoint(events, [step]);
      } else {
        break;
      }
    }
  } catch (error) {
    assertHeld(signal);
    const reason: unknown = signal.aborted ? signal.reason : error;
    if (reason instanceof RunCancelled) {
      yield end("cancelled", null);
    } else {
      if (!(reason instanceof ApexError)) {
        ports.log.error("run.failed", reason, { run_id: order.runId });
      }
      yield end("failed", ApexError.from(reason).toProblem());
    }
  }

  const last = steps.at(-1);
  if (last?.kind !== "end") throw new Error("A run came to its end without an outcome.");
  const persisted = await ports.saveHistory();
  const usage = usageOf(steps, order.model, ports.model.cost);
  yield checkpoint([narration.completed({ end: last, steps, usage, startedAt, persisted })]);

  function nextTurn(): ModelTurn {
    return new ModelTurn(steps, [...order.conversation, ...conversationOf(steps)]);
  }

  async function* streamTurn(): AsyncGenerator<LoopOutput, void, void> {
    const request = { model: order.model, tools: order.agent.tools, signal };
    for await (const output of turn.stream(ports.model, request)) {
      if (output.type === "text") {
        yield delta(output);
      } else {
        yield delta(output, true);
        yield checkpoint([
          narration.fallback("model", output.reason, "The model is asked for the answer anew."),
        ]);
      }
    }
  }

  async function runCall(call: ModelToolCall): Promise<CallOutcome> {
    const tool = order.agent.tools.find(({ name }) => name === call.name);
    if (resumed && tool?.readOnly === false) return unknownOutcome(call);
    const { userId, workspaceId } = order;
    const context = { userId, workspaceId, signal, clock: ports.clock, log: ports.log };
    return await executeCall(call, order.agent.tools, context);
  }

  /** Announcing a call shares the transaction of the step before it: a pending call is a told one. */
  function afterTurn(): readonly NewEvent[] {
    const call = pendingCall(steps);
    const announced = call === null ? [] : [narration.toolExecuting(call)];
    if (turn.finish === "stop" || turn.finish === "tool_calls") return announced;
    const action = "What it wrote so far is kept; ask it to go on, or ask for less at once.";
    return [
      narration.fallback("model", "The model stopped before it was done.", action),
      ...announced,
    ];
  }

  function afterTool(): readonly NewEvent[] {
    const call = pendingCall(steps);
    return [call === null ? narration.grounds(toolStepsOf(steps)) : narration.toolExecuting(call)];
  }

  /** @param last the step that brought the end, to be stored with it. */
  function end(
    status: FinalStatus,
    problem: Problem | null,
    last: { readonly events: readonly NewEvent[]; readonly step: Step } | null = null,
  ): LoopOutput {
    const step: EndStep = {
      kind: "end",
      status,
      text: turn.text.toWellFormed(),
      usage: turn.usage,
      problem,
      at: ports.clock.now(),
    };
    steps.push(step);
    const told = status === "completed" && toolStepsOf(steps).length > 0;
    return checkpoint(
      [...(last?.events ?? []), ...(told ? [] : [narration.ending(status, problem, steps)])],
      [...(last ? [last.step] : []), step],
    );
  }

  function checkpoint(events: readonly NewEvent[], steps: readonly Step[] = []): LoopOutput {
    assertHeld(signal);
    return { type: "checkpoint", events, steps };
  }

  function delta({ offset, text }: TextPiece, broken = false): LoopOutput {
    assertHeld(signal);
    return { type: "delta", offset, text, broken };
  }
}

function toolStep(call: ModelToolCall, outcome: CallOutcome, before: readonly Step[]): ToolStep {
  const source = { call_id: call.id, tool_name: call.name };
  const calls = toolStepsOf(before).filter(({ name }) => name === call.name).length + 1;
  return {
    kind: "tool",
    call_id: call.id,
    name: call.name,
    status: outcome.status,
    content: outcome.content,
    findings: outcome.findings.map((finding) => ({
      fact_id: factIdOf(call.name, calls, finding.name),
      ...source,
      ...finding,
    })),
  };
}

/** @throws the signal's reason where this process must not touch the run any more. */
function assertHeld(signal: AbortSignal): void {
  const { aborted, reason } = signal;
  if (aborted && !(reason instanceof RunCancelled || reason instanceof ApexError)) throw reason;
}

function tooManyTurns(): ApexError {
  const detail = `The model asked for tools ${MAX_TURNS} times without an answer. Ask for less at once.`;
  return new ApexError("step_limit", detail);
}
