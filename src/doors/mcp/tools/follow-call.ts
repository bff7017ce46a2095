/** A call that is a run: begun, told as it goes, ended with it, and cancelled by the client's leaving. */
import type { Context } from "hono";
import * as z from "zod";
import { followRun, type RunFrame } from "../../../http/follow-run.ts";
import type { SignedInEnv } from "../../../http/router.ts";
import { Finding, RunStatus, RunUsage } from "../../../protocol/entities.ts";
import { ApexError } from "../../../protocol/errors.ts";
import { CallId, RunId, ThreadId, Timestamp } from "../../../protocol/ids.ts";
import { Problem } from "../../../protocol/problem.ts";
import { Outcome } from "../../../protocol/report.ts";
import type { Accepted } from "../../../thread/rpc.ts";
import { cancelRun } from "../cancellations.ts";
import type { McpCall } from "../offer.ts";
import { progressOf } from "../project-progress.ts";

export type McpContext = Context<SignedInEnv>;

/** What is known of a run when its call ends. */
export const RunAnswer = z.object({
  thread_id: ThreadId.describe("Give it to say something more in the same thread"),
  run_id: RunId.describe("Give it to get_agent_status"),
  status: RunStatus,
  final_response: z.string().nullable().describe("Markdown; null while the run goes on"),
  model: z.string().nullable(),
  usage: RunUsage.nullable(),
  duration_ms: z.number().nullable(),
  findings: z.array(Finding).describe("The figures that tools computed"),
  outcome: Outcome.nullable().describe("null where no savings were computed"),
  report_uri: z.string().nullable().describe("The resource that holds the run's report"),
  problem: Problem.nullable(),
  pending_approval: z
    .object({
      call_id: CallId,
      tool_name: z.string(),
      operation: z.string(),
      expires_at: Timestamp,
    })
    .nullable()
    .describe("A call that waits for a person: the run goes on when somebody has decided"),
});
export type RunAnswer = z.infer<typeof RunAnswer>;

/** @returns the answer of a run that goes on without this call. */
function ongoing(ids: Pick<RunAnswer, "thread_id" | "run_id">, status: RunAnswer["status"]) {
  return {
    ...ids,
    status,
    final_response: null,
    model: null,
    usage: null,
    duration_ms: null,
    findings: [],
    outcome: null,
    report_uri: null,
    problem: null,
    pending_approval: null,
  } satisfies RunAnswer;
}

/** @returns the run's answer for clients that show only text. */
export function tellRun({ final_response, status, pending_approval, run_id }: RunAnswer): string {
  if (pending_approval !== null) {
    return `A person has to approve: ${pending_approval.operation} The run is ${run_id}.`;
  }
  return final_response || `The run ${run_id} is ${status}.`;
}

/**
 * Follows the run of an accepted message. If a tool call waits for a person's approval, the run is no longer
 * followed, but does not end.
 * @param wait whether to wait for the run's end.
 * @throws {ApexError} `unavailable` if the run could not be followed.
 */
export async function runCall(
  call: McpCall<McpContext>,
  { thread_id, run_id, position }: Accepted,
  wait: boolean,
): Promise<RunAnswer> {
  const { who: c } = call;
  const ids = { thread_id, run_id };
  if (!wait) return ongoing(ids, "queued");
  const followed = follow(
    call,
    ids,
    followRun(c, { threadId: thread_id, runId: run_id, position }),
  );
  // A client that has left is not waited for, but its leaving still has to be acted on.
  c.executionCtx.waitUntil(followed.catch(() => undefined));
  return await followed;
}

async function follow(
  call: McpCall<McpContext>,
  ids: Pick<RunAnswer, "thread_id" | "run_id">,
  frames: ReadableStream<RunFrame>,
): Promise<RunAnswer> {
  const { who: c, signal } = call;
  const cancel = () => c.executionCtx.waitUntil(cancelRun(c, ids.run_id).catch(() => undefined));
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    await call.began(ids.run_id);
    for await (const frame of frames) {
      const news = progressOf(frame);
      if (news !== null) await call.progress(news);
      const answer = answerOf(frame, ids);
      if (answer !== null) return answer;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
  }
  throw new ApexError("unavailable", "The run could not be followed to its end.");
}

function answerOf(frame: RunFrame, ids: Pick<RunAnswer, "thread_id" | "run_id">): RunAnswer | null {
  if (frame.type === "approval_requested") {
    return { ...ongoing(ids, "running"), pending_approval: frame.data };
  }
  if (frame.type !== "agent_completed") return null;
  const { status, final_response, model, usage, duration_ms, results, problem = null } = frame.data;
  const { findings, outcome, report } = results;
  const report_uri = report === null ? null : reportUri(ids.run_id);
  return {
    ...ongoing(ids, status),
    ...{ final_response, model, usage, duration_ms, findings, outcome, report_uri, problem },
  };
}

/** @returns the address of a run's report among the resources. */
function reportUri(runId: RunId): string {
  return `apex://runs/${runId}/report`;
}
