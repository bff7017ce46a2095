/** A conversation in which every promise was kept, from all its sides: what the tests plant faults in. */
import type { Evidence, Transcript } from "../../../bench/chaos/evidence.ts";
import type { SavedThread } from "../../../bench/chaos/saved-rows.ts";
import { LoggedEvent } from "../../../src/protocol/events.ts";
import { MessageId, RunId } from "../../../src/protocol/ids.ts";

const REASONING = "The question asks for the cost by team, which one tool call can settle.";
const ANSWER = "The costliest team is engineering.";
const USAGE = {
  input_tokens: 1,
  cached_input_tokens: 0,
  output_tokens: 1,
  reasoning_tokens: 0,
  model_calls: 1,
  cost_usd: null,
  estimated: false,
};
const CALL = { call_id: "call", tool_name: "cost_breakdown" };

/** One whole run, as the server logs it. */
export const LOG = [
  ["message_accepted", { client_message_id: "1", message_id: "question", content: "By team?" }],
  ["agent_started", { agent_type: "supervisor", model: "m", message_id: "answer", plan: [] }],
  ["agent_thinking", { reasoning: REASONING, source: "loop" }],
  ["tool_executing", { ...CALL, operation: "Breaks the cost down by team.", arguments: {} }],
  ["tool_completed", { ...CALL, status: "succeeded", duration_ms: 1, results: {} }],
  ["agent_thinking", { reasoning: REASONING, source: "loop" }],
  ["agent_completed", { message_id: "answer", final_response: ANSWER, model: "m", usage: USAGE }],
].map(([type, data], index) =>
  LoggedEvent.parse({
    type,
    seq: index + 1,
    context: {
      user_id: "ada",
      thread_id: "costs",
      run_id: "run",
      agent: "supervisor",
      timestamp: "2026-01-01T00:00:00Z",
    },
    data: {
      run_id: "run",
      replaces: null,
      queue_position: 0,
      status: "completed",
      results: {
        findings: [],
        grounding: { citations: [], unverified: [] },
        outcome: null,
        report: null,
      },
      duration_ms: 1,
      persisted: true,
      ...Object(data),
    },
  }),
);

export const QUESTION_ROW = {
  id: MessageId.parse("question"),
  run_id: RunId.parse("run"),
  role: "user",
  content: "By team?",
  status: "complete",
  seq: 1,
} as const;
export const ANSWER_ROW = {
  ...QUESTION_ROW,
  id: MessageId.parse("answer"),
  role: "assistant",
  content: ANSWER,
  seq: 2,
} as const;
export const RUN_ROW = {
  id: QUESTION_ROW.run_id,
  message_id: QUESTION_ROW.id,
  answer_id: ANSWER_ROW.id,
  status: "completed",
} as const;
export const ROWS: SavedThread = { messages: [QUESTION_ROW, ANSWER_ROW], runs: [RUN_ROW] };

export const TRANSCRIPT: Transcript = {
  seen: LOG,
  shown: [
    { id: "question", text: "By team?" },
    { id: "answer", text: ANSWER },
  ],
  written: [{ messageId: "answer", text: ANSWER }],
  openRuns: [],
  error: null,
};

export const WHOLE: Evidence = {
  where: "thread costs",
  userId: "ada",
  threadId: "costs",
  log: LOG,
  transcripts: [TRANSCRIPT, TRANSCRIPT],
  accepted: [{ messageId: "question", runId: "run", content: "By team?" }],
  said: ["By team?"],
  refused: [],
  history: ROWS,
  saved: ROWS,
  strangersStatus: 404,
  account: { entries: ["run"], places: 0 },
};
