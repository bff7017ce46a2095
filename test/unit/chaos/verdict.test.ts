/** The chaos bench's verdict: it has to find what is planted, or its zeros mean nothing. */
import { describe, expect, test } from "vitest";
import type { Evidence, Transcript } from "../../../bench/chaos/evidence.ts";
import type { MessageRow, SavedThread } from "../../../bench/chaos/saved-rows.ts";
import { judge, judgeAll, type Verdict } from "../../../bench/chaos/verdict.ts";
import { LoggedEvent } from "../../../src/protocol/events.ts";
import { RunId } from "../../../src/protocol/ids.ts";
import {
  ANSWER_ROW,
  LOG,
  QUESTION_ROW,
  ROWS,
  RUN_ROW,
  TRANSCRIPT,
  WHOLE,
} from "./whole-conversation.ts";

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

/** The log, but for the words of its answer. */
function answering(final_response: string): LoggedEvent[] {
  return LOG.map((event) =>
    event.type === "agent_completed"
      ? { ...event, data: { ...event.data, final_response } }
      : event,
  );
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
    [
      "a piece of another thread's answer",
      "leaked",
      { written: [{ messageId: "eve", text: "H" }] },
    ],
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
    ["a message that was refused, and taken all the same", "duplicated", { refused: ["By team?"] }],
    ["words the user never said", "leaked", { said: [] }],
    ["another user's events", "leaked", { userId: "eve" }],
    ["a thread that another user can read", "leaked", { strangersStatus: 200 }],
    ["a thread that nobody else has tried to read", "leaked", { strangersStatus: null }],
    [
      "a promise that was kept with other words",
      "lost",
      { accepted: [{ messageId: "question", runId: "run", content: "By day?" }] },
    ],
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

  test.each<[string, readonly string[], boolean]>([
    ["in the order they were said", ["By team?", "And by day?"], false],
    ["with one between that was refused", ["By team?", "Refused.", "And by day?"], false],
    ["the other way round", ["And by day?", "By team?"], true],
  ])("messages that stand in the log %s", (_, said, isReordered) => {
    const second = LoggedEvent.parse({
      ...first,
      seq: LOG.length + 1,
      data: { ...first.data, message_id: "second", content: "And by day?" },
    });
    expect(kindsOf({ log: [...LOG, second], said }).includes("reordered")).toBe(isReordered);
  });

  test.each<[string, Partial<Evidence>]>([
    ["in its log", { log: answering("Of another: KQZVBNMTABCD.") }],
    [
      "on its screen",
      shownOtherwise({ written: [{ messageId: "answer", text: "KQZVBNMTABCD." }] }),
    ],
  ])("an answer of one thread that another has too, %s", (_, planted) => {
    const mine: Evidence = { ...WHOLE, log: answering("An answer: KQZVBNMTABCD.") };
    const others: Evidence = { ...WHOLE, where: "thread plans", threadId: "plans" };
    expect(judgeAll([mine, others], []).leaked.join()).not.toContain("KQZVBNMTABCD");
    const { leaked } = judgeAll([mine, { ...others, ...planted }], []);
    expect(leaked).toContainEqual("thread costs, thread plans: both have the answer KQZVBNMTABCD");
  });

  test("a thread that was asked for, and never there", () => {
    const { lost } = judgeAll([WHOLE], ["ada@example.com"]);
    expect(lost).toEqual(["A thread that ada@example.com asked for was never there."]);
  });

  test("a run that ends twice", () => {
    const last = LOG.at(-1);
    const log = last ? [...LOG, { ...last, seq: LOG.length + 1 }] : [];
    expect(kindsOf({ log })).toContain("duplicated");
  });
});
