/** The tools that have agents work: one, or the whole team. */
import * as z from "zod";
import { AGENT_NAMES } from "../../../agents/roster.ts";
import { acceptMessage } from "../../../http/accept-message.ts";
import { askThread } from "../../../http/ask-thread.ts";
import { threadOf } from "../../../http/known-run.ts";
import { notFound } from "../../../http/problems.ts";
import type { PostMessageBody } from "../../../protocol/api.ts";
import { MessageContent } from "../../../protocol/commands.ts";
import { Run } from "../../../protocol/entities.ts";
import { ClientMessageId, RunId, ThreadId } from "../../../protocol/ids.ts";
import { inOwnThread } from "../../own-thread.ts";
import { defineMcpTool, type Effects, READS } from "../define-mcp-tool.ts";
import type { McpTool } from "../offer.ts";
import { type McpContext, RunAnswer, runCall, tellRun } from "./follow-call.ts";

const WORKS: Effects = { reads: false, repeats: false };

/** Where something is said, and how. */
const Where = z.object({
  thread_id: ThreadId.optional().describe("One's own thread to go on in; a new one without"),
  client_message_id: ClientMessageId.optional().describe(
    "The same again, in the same thread or without one, is taken once",
  ),
  wait: z
    .boolean()
    .default(true)
    .describe("false: the call ends at once, and get_agent_status tells the rest"),
});

const runAgent = defineMcpTool({
  name: "run_agent",
  title: "Ask an agent",
  description:
    "Asks an agent of the team about the cost, latency and use of LLM calls, and waits for its answer, which rests on figures that tools computed from usage records. Tells its steps as progress; cancelling the call cancels the run.",
  scope: "runs:write",
  effects: WORKS,
  input: z.strictObject({
    message: MessageContent.describe("What is asked, in plain words"),
    agent: z.enum(AGENT_NAMES).optional().describe("Default: supervisor, who asks the others"),
    ...Where.shape,
  }),
  output: RunAnswer,
  tell: tellRun,
  run({ message, agent, ...asked }, call: CallOf) {
    return say(call, asked, { content: message, ...(agent !== undefined && { agent }) });
  },
});

const optimize = defineMcpTool({
  name: "execute_optimization_pipeline",
  title: "Find savings with the whole team",
  description:
    "Has the whole team work: triage, data, optimization, action plan and report, over the usage records. Gives savings with their bounds and evidence, and the report as a resource. Takes longer than one question; tells its steps as progress.",
  scope: "runs:write",
  effects: WORKS,
  input: z.strictObject({
    target_pct: z.number().min(1).max(99).optional().describe("By how much costs are to fall"),
    keep_latency: z.boolean().default(true).describe("Whether nothing may get slower"),
    focus: z.string().min(1).max(500).optional().describe("A model, feature or team to look at"),
    ...Where.shape,
  }),
  output: RunAnswer,
  tell: tellRun,
  run(asked, call: CallOf) {
    return say(call, asked, { content: orderOf(asked) });
  },
});

const status = defineMcpTool({
  name: "get_agent_status",
  title: "How a run stands",
  description:
    "Tells how a run stands: queued, running or ended, with its answer, tokens and cost.",
  scope: "runs:read",
  effects: READS,
  input: z.strictObject({ run_id: RunId }),
  output: Run,
  async run({ run_id }, { who: c }: CallOf) {
    const run = await askThread(c, await threadOf(c, run_id), (thread) => thread.readRun(run_id));
    if (run === null) throw notFound();
    return run;
  },
});

type CallOf = Parameters<McpTool<McpContext>["call"]>[1];

/** The tools that begin runs and tell of them. */
export const RUN_TOOLS: readonly McpTool<McpContext>[] = [runAgent, optimize, status];

function orderOf(asked: {
  readonly target_pct?: number | undefined;
  readonly keep_latency: boolean;
  readonly focus?: string | undefined;
}): string {
  const by = asked.target_pct === undefined ? "" : ` by ${asked.target_pct} %`;
  const latency = asked.keep_latency ? " without hurting latency" : "";
  const focus = asked.focus === undefined ? "" : ` Look at ${asked.focus} first.`;
  return `Cut our AI costs${by}${latency}: find what can be saved, and make a plan.${focus}`;
}

/** Says something where it was asked for, and follows its run; as {@link runCall}. */
async function say(
  call: CallOf,
  { thread_id, client_message_id: key, wait }: z.output<typeof Where>,
  said: Pick<PostMessageBody, "content" | "agent">,
): Promise<RunAnswer> {
  const { who: c } = call;
  const message = { ...said, ...(key !== undefined && { client_message_id: key }) };
  const accepted =
    thread_id === undefined
      ? await inOwnThread(c, key, (id) => acceptMessage(c, id, message))
      : await acceptMessage(c, thread_id, message);
  return await runCall(call, accepted, wait);
}
