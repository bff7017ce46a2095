/** Tells a run as its events: from the loop's real state to what a person reads. */
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

/** A model's own reasoning, as much of it as one event holds. */
const MAX_REASONING = 4_000;
/** Shorter reasoning says nothing to a person; the loop's own is told instead. */
const MIN_REASONING = 50;

/** What is said of a call that nobody here executes. */
const HANDED_OVER = "The program that asked executes this; the run ends and waits for its result.";

/** Whose work is told: the run's own agent, or a part of its team. */
export type Narrated = Pick<AgentOrder, "name" | "part" | "tools" | "callerTools" | "submission">;

export class Narration {
  readonly #order: RunOrder;
  readonly #agent: Narrated;
  readonly #of: { readonly run_id: RunOrder["runId"]; readonly agent: string };

  constructor(order: RunOrder, agent: Narrated = ownOrder(order)) {
    this.#order = order;
    this.#agent = agent;
    this.#of = { run_id: order.runId, agent: agent.name };
  }

  get agent(): string {
    return this.#agent.name;
  }

  get runId(): RunOrder["runId"] {
    return this.#order.runId;
  }

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

  resumption(): NewEvent {
    return this.fallback({
      part: "run",
      code: "run_resumed",
      reason: "The run was interrupted before it was done.",
      action: "It carries on from its last checkpoint; finished steps are not done again.",
    });
  }

  /** The answer broke off. @param reason why, as a sentence. */
  restart(reason: string): NewEvent {
    const action = "The model is asked for the answer anew.";
    return this.fallback({ part: "model", code: "answer_restarted", reason, action });
  }

  /** The model stopped at a bound of its own. */
  cutShort(): NewEvent {
    return this.fallback({
      part: "model",
      code: "answer_cut_short",
      reason: "The model stopped before it was done.",
      action: "What it wrote so far is kept; ask it to go on, or ask for less at once.",
    });
  }

  /** @param until when what is degraded should be back (RFC 3339); null where nobody knows. */
  fallback(told: Omit<Fallback, "until">, until: string | null = null): NewEvent {
    return { ...this.#of, type: "agent_fallback", data: { ...told, until } };
  }

  /** Told before the results are, where they are a substitute. */
  substitution({ name }: ModelToolCall, { degraded }: CallOutcome): readonly NewEvent[] {
    if (degraded === null) return [];
    const { until, ...told } = degraded;
    return [this.fallback({ part: "tool", subject: name, ...told }, until)];
  }

  /** After a model turn: its own reasoning, or which tools it chose and why the loop goes on. */
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

  /** @returns the call that comes next as it is told; nothing yet where a person is asked first. */
  toolAnnounced(call: ModelToolCall, steps: readonly Step[]): readonly NewEvent[] {
    return asksFirst(call, this.#agent.tools, steps) ? [] : [this.toolExecuting(call)];
  }

  approval(call: ModelToolCall, step: ApprovalStep): NewEvent {
    return approvalEvent(this.#of, call, this.#agent.tools, step);
  }

  toolExecuting(call: ModelToolCall): NewEvent {
    const opened = openCall(call, this.#agent.tools);
    const data = { call_id: call.id, tool_name: call.name, ...opened };
    return { ...this.#of, type: "tool_executing", data };
  }

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

  /** The work is given to the team. */
  delegated({ reason, request }: Delegation): NewEvent {
    return this.thought(
      `I give ${quote(request)} to the team, because ${quote(reason)}. What its first agent finds decides who follows.`,
    );
  }

  /** What the answer, or what a part hands on, rests on, once there is nothing left to look up. */
  grounds(results: readonly ToolStep[]): NewEvent {
    const { name, part } = this.#agent;
    const agent = part === null ? undefined : name;
    return this.thought(answerReasoning({ toolResults: results.map(toolOutcome), agent }));
  }

  ending(status: FinalStatus, problem: Problem | null, steps: readonly Step[]): NewEvent {
    const results = toolStepsOf(steps);
    if (status === "cancelled") {
      return this.thought(cancelReasoning({ toolResults: results.map(toolOutcome) }));
    }
    if (problem === null) return this.grounds(results);
    const attempt = steps.filter((step) => step.kind === "model").length + 1;
    return this.thought(failureReasoning({ code: problem.code, attempt, next: problem.detail }));
  }

  completed(facts: {
    readonly end: EndStep;
    readonly steps: readonly Step[];
    readonly usage: RunUsage;
    readonly startedAt: number;
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

  /** What the loop itself decided. */
  thought(reasoning: string) {
    return {
      ...this.#of,
      type: "agent_thinking",
      data: { reasoning, source: "loop" },
    } as const satisfies NewEvent;
  }
}

/** What was found before stands among the messages, and nobody said it. */
function isSaid({ role, ...message }: ModelMessage): boolean {
  return (
    role === "user" || (role === "assistant" && "content" in message && message.content !== "")
  );
}

function toolOutcome({ name, status, findings }: ToolStep): ToolOutcome {
  const records = Math.max(...findings.map(({ n_records }) => n_records));
  return { name, status, records: findings.length > 0 ? records : undefined };
}
