/** What operators see of a run, from its start or resumption in this process: a span, log lines and metrics. */
import { errorTypeOf } from "../core/gen-ai.ts";
import type { Log } from "../core/log.ts";
import type { Span } from "../core/trace.ts";
import type { ExportedTelemetry } from "../durable/telemetry.ts";
import type { LoggedEvent } from "../protocol/events.ts";
import { placeOfRun, type ThreadId, type UserId } from "../protocol/ids.ts";
import { runPoint } from "../telemetry/data-points.ts";
import { addToLogContext, type LogContext } from "../telemetry/log.ts";
import type { Ports } from "./ports.ts";
import type { RunRow } from "./run-row.ts";

type AgentCompleted = Extract<LoggedEvent, { type: "agent_completed" }>;

/** @returns the ids for a run's log lines: those of the run itself, not of the request that happened to resume it. */
export function logContextOf(
  { run_id, origin }: Pick<RunRow, "run_id" | "origin">,
  { userId, threadId }: { readonly userId: UserId; readonly threadId: ThreadId },
): Required<LogContext> {
  return {
    request_id: origin?.request_id ?? undefined,
    trace_id: origin?.trace?.traceId,
    user_id: userId,
    thread_id: threadId,
    run_id,
  };
}

export class RunTelemetry {
  readonly span: Span;
  readonly #log: Log;
  readonly #row: RunRow;
  readonly #telemetry: ExportedTelemetry;
  #errorType: string | null = null;

  /** @param life.resumed whether an earlier process was cut off in the middle of this run. */
  constructor(
    row: RunRow,
    { clock, log, model, telemetry }: Ports,
    life: { readonly userId: UserId; readonly resumed: boolean },
  ) {
    const { agent, attempt, origin, run_id } = row;
    const { metrics, tracer } = telemetry;
    this.#row = row;
    this.#telemetry = telemetry;
    this.span = tracer.start(`invoke_agent ${agent}`, origin?.trace ?? null, {
      attributes: {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": agent,
        "gen_ai.conversation.id": placeOfRun(run_id)?.threadId,
        "gen_ai.provider.name": model.provider,
        "gen_ai.request.model": row.model,
        "user.id": life.userId,
        "apex.run_id": run_id,
        "apex.request_id": origin?.request_id,
        "apex.run.attempt": attempt,
      },
    });
    this.#log = log;
    // The message may have come without a trace: then the run's own begins here.
    addToLogContext({ trace_id: this.span.context?.traceId });
    if (life.resumed) metrics.add("apex_runs_resumed_total", { agent });
    else if (attempt === 0) {
      const waited = Math.max(0, clock.now() - row.accepted_at) / 1_000;
      metrics.add("apex_runs_started_total", { agent });
      metrics.observe("apex_run_queue_seconds", {}, waited);
    }
  }

  /** To be called with what was committed of the run. */
  hear(events: readonly LoggedEvent[]): void {
    for (const event of events) if (event.type === "agent_completed") this.#completed(event);
  }

  /** Ends the span. @param error what cut the run off; nothing if it ended, or waits for an approval. */
  end(error?: unknown): void {
    this.span.end(errorTypeOf(error) ?? this.#errorType);
  }

  #completed({ data }: AgentCompleted): void {
    const { agent, model } = this.#row;
    const { metrics } = this.#telemetry;
    const { status, duration_ms, usage } = data;
    this.#errorType = data.problem?.code ?? null;
    this.span.set({
      "apex.run.status": status,
      "gen_ai.usage.input_tokens": usage.input_tokens,
      "gen_ai.usage.output_tokens": usage.output_tokens,
    });
    metrics.add("apex_runs_ended_total", { agent, status });
    metrics.observe("apex_run_duration_seconds", { agent }, duration_ms / 1_000);
    const { input_tokens, output_tokens, cost_usd } = usage;
    const ended = { agent, model, status, duration_ms };
    const problem = this.#errorType;
    this.#log.info("run.ended", { ...ended, problem, input_tokens, output_tokens, cost_usd });
    this.#telemetry.write(
      runPoint({
        agent,
        model,
        status,
        durationMs: duration_ms,
        inputTokens: input_tokens,
        outputTokens: output_tokens,
        costUsd: cost_usd,
        traceId: this.span.context?.traceId ?? "",
      }),
    );
  }
}
