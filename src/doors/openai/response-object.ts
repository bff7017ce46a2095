/** A response as OpenAI's API shows it: whose it is, how it stands, and the items of its output. */
import { openAiError } from "../../http/openai-error.ts";
import type { RunStatus, RunUsage } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import { RunId } from "../../protocol/ids.ts";
import type { Problem } from "../../protocol/problem.ts";
import type { KeptRequest } from "./response-requests.ts";

const PREFIX = "resp_";

/** The name under which our tools stand in responses: clients see that they ran elsewhere. */
export const SERVER_LABEL = "apex-edge";

/** What stays the same of a response while it is made. */
export interface ResponseAbout {
  readonly runId: RunId;
  readonly model: string;
  /** Seconds since the Unix epoch. */
  readonly createdAt: number;
  /** What it tells of the request that it answers. */
  readonly request: KeptRequest;
}

/** How a response stands. */
interface ResponseState {
  readonly status: RunStatus;
  readonly output: readonly object[];
  readonly usage: RunUsage | null;
  readonly problem: Problem | null;
}

/** @returns the id of the response that a run makes. */
function responseIdOf(runId: RunId): string {
  return PREFIX + runId;
}

/** @returns the run that makes a response; null where the id is none of ours. */
export function runOfResponse(id: string): RunId | null {
  if (!id.startsWith(PREFIX)) return null;
  return RunId.safeParse(id.slice(PREFIX.length)).data ?? null;
}

export function responseObject(about: ResponseAbout, state: ResponseState) {
  const { status, output, usage, problem } = state;
  const error = problem && openAiError(ApexError.fromProblem(problem));
  return {
    id: responseIdOf(about.runId),
    object: "response",
    created_at: about.createdAt,
    status: status === "running" ? "in_progress" : status,
    background: false,
    error: error && { code: "server_error", message: error.message, apex_code: error.code },
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: about.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: about.request.previous_response_id,
    reasoning: { effort: null, summary: null },
    store: true,
    temperature: null,
    text: { format: about.request.format },
    tool_choice: "auto",
    tools: [],
    top_p: null,
    truncation: "disabled",
    usage: usage && {
      input_tokens: usage.input_tokens,
      input_tokens_details: { cached_tokens: usage.cached_input_tokens },
      output_tokens: usage.output_tokens,
      output_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
      total_tokens: usage.input_tokens + usage.output_tokens,
    },
    metadata: about.request.metadata,
  };
}
