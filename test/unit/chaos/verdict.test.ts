/** The chaos bench's verdict: it has to find what is planted, or its zeros mean nothing. */
import { describe, expect, test } from "vitest";
import type { Evidence, Transcript } from "../../../bench/chaos/evidence.ts";
import type { MessageRow, SavedThread } from "../../../bench/chaos/saved-rows.ts";
import { judge, type Verdict } from "../../../bench/chaos/verdict.ts";
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
const LOG = [
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

const QUESTION_ROW = {
  id: MessageId.parse("question"),
  run_id: RunId.parse("run"),
  role: "user",
  content: "By team?",
  status: "complete",
  seq: 1,
} as const;
const ANSWER_ROW = {
  ...QUESTION_ROW,
  id: MessageId.parse("answer"),
  role: "assistant",
  content: ANSWER,
  seq: 2,
} as const;
const RUN_ROW = {
  id: QUESTION_ROW.run_id,
  message_id: QUESTION_ROW.id,
  answer_id: ANSWER_ROW.id,
  status: "completed",
} as const;
const ROWS: SavedThread = { messages: [QUESTION_ROW, ANSWER_ROW], runs: [RUN_ROW] };

const TRANSCRIPT: Transcript = {
  seen: LOG,
  shown: [
    { id: "question", text: "By team?" },
    { id: "answer", text: ANSWER },
  ],
  openRuns: [],
  error: null,
};

const WHOLE: Evidence = {
  where: "thread costs",
  userId: "ada",
  threadId: "costs",
  log: LOG,
  transcripts: [TRANSCRIPT, TRANSCRIPT],
  accepted: [{ messageId: "question", runId: "run" }],
  said: ["By team?"],
  history: ROWS,
  saved: ROWS,
  strangersStatus: 404,
  account: { entries: ["run"], places: 0 },
};

/** All of it, but that one tab was shown something else. */
function shownOtherwise(planted: Partial<Transcript>): Partial<Evidence> {
  return { transcripts: [TRANSCRIPT, { ...TRANSCRIPT, ...planted }] };
}

/** The rows, but for a column of the answer. */
function withAnswer(changed: Partial<MessageRow>): SavedThread {
  return { ...ROWS, messages: [QUESTION_ROW, { ...ANSWER_ROW, ...changed }] };
}

function kindsOf(planted: Partial<Evidence>): string[] {
  const verdict: Verdict = judge({ ...WHOLE, ...planted });
  return Object.entries(verdict).flatMap(([kind, found]) => (found.length > 0 ? [kind] : []));
}

/** The log without what a predicate names, renumbered as a server would have it. */
function logWithout(lost: (event: LoggedEvent) => boolean): LoggedEvent[] {
  return LOG.filter((event) => !lost(event)).map((event, index) => ({ ...event, seq: index + 1 }));
}

test("a conversation in which every promise was kept has nothing against it", () => {
  expect(kindsOf({})).toEqual([]);
});

describe("what is planted is found", () => {
  const [first, second, ...rest] = LOG;
  if (first === undefined || second === undefined) throw new Error("The log is empty.");

  test.each<[string, string, Partial<Transcript>]>([
    ["an event the client missed", "lost", { seen: LOG.slice(1) }],
    ["an event the client saw twice", "duplicated", { seen: [first, ...LOG] }],
    ["two events in the wrong order", "reordered", { seen: [second, first, ...rest] }],
    ["a run whose end the client does not know", "lost", { openRuns: ["run"] }],
    ["a text that is not the history's", "lost", { shown: [] }],
    ["a client that was cut off for good", "lost", { error: "session_ended" }],
  ])("%s, in one tab of two", (_, kind, planted) => {
    expect(kindsOf(shownOtherwise(planted))).toContain(kind);
  });

  test.each<[string, string, Partial<Evidence>]>([
    ["a gap in the log", "lost", { log: [first, ...rest] }],
    ["an accepted message without a run", "lost", { log: [] }],
    [
      "a message the history holds twice",
      "duplicated",
      { history: { ...ROWS, messages: [...ROWS.messages, QUESTION_ROW] } },
    ],
    ["words the user never said", "leaked", { said: [] }],
    ["another user's events", "leaked", { userId: "eve" }],
    ["a thread that another user can read", "leaked", { strangersStatus: 200 }],
    ["a run that its user's ledger lacks", "lost", { account: { entries: [], places: 0 } }],
    [
      "a run that is paid for twice",
      "duplicated",
      { account: { entries: ["run", "run"], places: 0 } },
    ],
    [
      "a run of nobody's in the ledger",
      "leaked",
      { account: { entries: ["run", "another"], places: 0 } },
    ],
    [
      "a place that is held for a run that is over",
      "lost",
      { account: { entries: ["run"], places: 1 } },
    ],
  ])("%s", (_, kind, planted) => {
    expect(kindsOf(planted)).toContain(kind);
  });

  describe.each(["history", "saved"] as const)("in the rows of %s", (kept) => {
    test.each<[string, SavedThread]>([
      ["a message that is missing", { ...ROWS, messages: [QUESTION_ROW] }],
      ["a message too many", { ...ROWS, messages: [...ROWS.messages, ANSWER_ROW] }],
      ["another text", withAnswer({ content: "Half of it" })],
      ["another place in the log", withAnswer({ seq: 3 })],
      ["another role", withAnswer({ role: "user" })],
      ["a state of writing that is over", withAnswer({ status: "streaming" })],
      ["another message's run", withAnswer({ run_id: RunId.parse("another") })],
      ["a run that is missing", { ...ROWS, runs: [] }],
      ["a run that never ended", { ...ROWS, runs: [{ ...RUN_ROW, status: "running" }] }],
    ])("%s", (_, rows) => {
      expect(kindsOf({ [kept]: rows })).toContain("lost");
    });
  });

  test.each<[string, string, (event: LoggedEvent) => boolean]>([
    ["without a start", "lost", ({ type }) => type === "agent_started"],
    ["without an end", "lost", ({ type }) => type === "agent_completed"],
    ["with one thought only", "lost", ({ type, seq }) => type === "agent_thinking" && seq === 3],
    ["with a call left open", "lost", ({ type }) => type === "tool_completed"],
  ])("a run %s", (_, kind, lost) => {
    const log = logWithout(lost);
    expect(kindsOf({ log, ...shownOtherwise({ seen: log }) })).toContain(kind);
  });

  test("a run that ends twice", () => {
    const last = LOG.at(-1);
    const log = last ? [...LOG, { ...last, seq: LOG.length + 1 }] : [];
    expect(kindsOf({ log })).toContain("duplicated");
  });
});
