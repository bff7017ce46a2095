/** Makes the events that tell people what a run does. Everything they say comes from the loop's real state. */
import type { FinalStatus, RunUsage } from "../protocol/entities.ts";
import type { NewEvent } from "../protocol/events.ts";
import type { Fallback } from "../protocol/fallbacks.ts";
import type { Problem } from "../protocol/problem.ts";
import { approvalEvent, asksFirst } from "./approval.ts";
import type { ApprovalStep } from "./approval-step.ts";
import { callerCalls } from "./caller.ts";
import { answerText, type EndStep, type Step, type ToolStep, toolStepsOf } from "./checkpoint.ts";
import type { ModelMessage, ModelToolCall } from "./model.ts";
import type { ModelTurn } from "./model-turn.ts";
import { resultsOf } from "./report/run-results.ts";
import type { RunOrder } from "./run-order.ts";
import { type AgentOrder, ownOrder } from "./team/agent-order.ts";
import type { Delegation } from "./team/team-step.ts";
import {
  answerReasoning,
  cancelReasoning,
  decisionReasoning,
  failureReasoning,
  planReasoning,
  quote,
  type ToolOutcome,
} from "./thinking.ts";
import { type CallOutcome, openCall } from "./tool-call.ts";

/** How much of a model's own reasoning fits into one event, in characters. */
const MAX_REASONING = 4_000;
/** Reasoning shorter than this says too little; the loop then tells its own instead. In characters. */
const MIN_REASONING = 50;

/** Describes a call of a function that the client executes. */
const HANDED_OVER = "The program that asked executes this; the run ends and waits for its result.";

/** Whose work is told: the run's own agent, or a member of its team. */
type Narrated = Pick<AgentOrder, "name" | "part" | "tools" | "callerTools" | "submission">;

export class Narration {
  readonly #order: RunOrder;
  readonly #agent: Narrated;
  readonly #of: { readonly run_id: RunOrder["runId"]; readonly agent: string };

  constructor(order: RunOrder, agent: Narrated = ownOrder(order)) {
    this.#order = order;
    this.#agent = agent;
    this.#of = { run_id: order.runId, agent: agent.name };
  }

  /** The name of the agent whose work is told. */
  get agent(): string {
    return this.#agent.name;
  }

  /** The run that is told. */
  get runId(): RunOrder["runId"] {
    return this.#order.runId;
  }

  /** The start of the run: `agent_started`, and why this plan was chosen. */
  opening(): readonly NewEvent[] {
    const { agent, model, answerId, plan, question, conversation } = this.#order;
    const data = { agent_type: agent.name, model, message_id: answerId, plan: [...plan] };
    const reasoning = planReasoning({
      agent: agent.name,
      model,
      question,
      tools: agent.tools.map(({ name }) => name),
      earlierMessages: conversation.filter(isSaid).length - 1,
    });
    return [{ ...this.#of, type: "agent_started", data }, this.thought(reasoning)];
  }

  /** The run goes on after its process was cut off. */
  resumption(): NewEvent {
    return this.fallback({
      part: "run",
      code: "run_resumed",
      reason: "The run was interrupted before it was done.",
      action: "It carries on from its last checkpoint; finished steps are not done again.",
    });
  }

  /** The model's stream broke, and starts again. @param reason why, as a sentence. */
  restart(reason: string): NewEvent {
    const action = "The model is asked for the answer anew.";
    return this.fallback({ part: "model", code: "answer_restarted", reason, action });
  }

  /** The model stopped early, at a limit of its own such as its longest answer. */
  cutShort(): NewEvent {
    return this.fallback({
      part: "model",
      code: "answer_cut_short",
      reason: "The model stopped before it was done.",
      action: "What it wrote so far is kept; ask it to go on, or ask for less at once.",
    });
  }

  /** Something works less well than it should. @param until when it should be back (RFC 3339); null if unknown. */
  fallback(told: Omit<Fallback, "until">, until: string | null = null): NewEvent {
    return { ...this.#of, type: "agent_fallback", data: { ...told, until } };
  }

  /** Warns, before a call's results are told, that they are a substitute (as an older answer); else nothing. */
  substitution({ name }: ModelToolCall, { degraded }: CallOutcome): readonly NewEvent[] {
    if (degraded === null) return [];
    const { until, ...told } = degraded;
    return [this.fallback({ part: "tool", subject: name, ...told }, until)];
  }

  /** After a model turn: the model's own reasoning, or else which tools it chose and why the loop goes on. */
  decision(turn: ModelTurn, round: number): readonly NewEvent[] {
    const own = turn.reasoning.trim();
    if (own.length >= MIN_REASONING) {
      const bounded = own.slice(0, MAX_REASONING).toWellFormed();
      return [{ ...this.thought(bounded), data: { reasoning: bounded, source: "model" } }];
    }
    const calls = turn.calls.filter(({ name }) => name !== this.#agent.submission?.name);
    if (calls.length === 0) return [];
    const toolCalls = calls.map((call) => ({
      name: call.name,
      operation: this.#agent.callerTools.some(({ name }) => name === call.name)
        ? HANDED_OVER
        : openCall(call, this.#agent.tools).operation,
    }));
    return [this.thought(decisionReasoning({ round, toolCalls }))];
  }

  /** Announces the next call; nothing yet if a person has to approve it first. */
  toolAnnounced(call: ModelToolCall, steps: readonly Step[]): readonly NewEvent[] {
    return asksFirst(call, this.#agent.tools, steps) ? [] : [this.toolExecuting(call)];
  }

  /** What was asked about a call, or decided. */
  approval(call: ModelToolCall, step: ApprovalStep): NewEvent {
    return approvalEvent(this.#of, call, this.#agent.tools, step);
  }

  /** A call begins. */
  toolExecuting(call: ModelToolCall): NewEvent {
    const opened = openCall(call, this.#agent.tools);
    const data = { call_id: call.id, tool_name: call.name, ...opened };
    return { ...this.#of, type: "tool_executing", data };
  }

  /** A call has ended, in whatever way. */
  toolCompleted(call: ModelToolCall, outcome: CallOutcome): NewEvent {
    const data = {
      call_id: call.id,
      tool_name: call.name,
      status: outcome.status,
      duration_ms: outcome.durationMs,
      ...(outcome.results !== null && { results: outcome.results }),
      ...(outcome.problem !== null && { problem: outcome.problem }),
    };
    return { ...this.#of, type: "tool_completed", data };
  }

  /** The agent hands the work to its team. */
  delegated({ reason, request }: Delegation): NewEvent {
    return this.thought(
      `I give ${quote(request)} to the team, because ${quote(reason)}. What its first agent finds decides who follows.`,
    );
  }

  /** All calls are done: what the answer, or the output for other agents, will be based on. */
  grounds(results: readonly ToolStep[]): NewEvent {
    const { name, part } = this.#agent;
    const agent = part === null ? undefined : name;
    return this.thought(answerReasoning({ toolResults: results.map(toolOutcome), agent }));
  }

  /** Why the run ends as it does, before {@link completed} tells the outcome. */
  ending(status: FinalStatus, problem: Problem | null, steps: readonly Step[]): NewEvent {
    const results = toolStepsOf(steps);
    if (status === "cancelled") {
      return this.thought(cancelReasoning({ toolResults: results.map(toolOutcome) }));
    }
    if (problem === null) return this.grounds(results);
    const attempt = steps.filter((step) => step.kind === "model").length + 1;
    return this.thought(failureReasoning({ code: problem.code, attempt, next: problem.detail }));
  }

  /** The run's last event: its outcome, answer, findings and cost. */
  completed(facts: {
    readonly end: EndStep;
    readonly steps: readonly Step[];
    readonly usage: RunUsage;
    /** In milliseconds since the Unix epoch. */
    readonly startedAt: number;
    /** Whether the history in D1 has everything already. */
    readonly persisted: boolean;
  }): NewEvent {
    const { end, steps, usage, startedAt, persisted } = facts;
    const asked = callerCalls(steps);
    return {
      ...this.#of,
      type: "agent_completed",
      data: {
        status: end.status,
        message_id: this.#order.answerId,
        final_response: answerText(steps),
        results: resultsOf(steps, end, this.#of.agent),
        usage,
        duration_ms: Math.max(0, end.at - startedAt),
        model: this.#order.model,
        persisted,
        ...(end.problem !== null && { problem: end.problem }),
        ...(end.status === "completed" && asked.length > 0 && { caller_calls: asked }),
      },
    };
  }

  /** A decision of the loop itself, with its reasons. */
  thought(reasoning: string) {
    return {
      ...this.#of,
      type: "agent_thinking",
      data: { reasoning, source: "loop" },
    } as const satisfies NewEvent;
  }
}

/** Whether somebody said a message: earlier tool results stand among them too. */
function isSaid({ role, ...message }: ModelMessage): boolean {
  return (
    role === "user" || (role === "assistant" && "content" in message && message.content !== "")
  );
}

function toolOutcome({ name, status, findings }: ToolStep): ToolOutcome {
  const records = Math.max(...findings.map(({ n_records }) => n_records));
  return { name, status, records: findings.length > 0 ? records : undefined };
}
