/** The load's sums: each figure from what was seen, each target kept or missed, and turns timed frame by frame. */
import { expect, test } from "vitest";
import { Stopwatch, type Turn } from "../../../bench/crowd/turn.ts";
import { rowsOf } from "../../../bench/load/figures.ts";
import { type Attempted, NOTHING_DONE, type Outcome } from "../../../bench/load/outcome.ts";
import { asMarkdown, asPage, asText, complaints } from "../../../bench/load/report.ts";
import { ServerFrame } from "../../../src/protocol/events.ts";

const MEBIBYTE = 2 ** 20;

function outcome(some: Partial<Outcome>): Outcome {
  const times = { begunAt: 1_000, endedAt: 11_000 };
  return { name: "peak", described: "a few users", ...times, uses: [], ...NOTHING_DONE, ...some };
}

function turn(some: Partial<Turn> = {}): Turn {
  const times = { acceptedMs: 10, firstEventMs: 20, firstTextMs: 30, completedMs: 40 };
  return { sentAt: 2_000, ...times, toolMs: [], failure: null, ...some };
}

function attempts(...tookMs: readonly number[]): Attempted[] {
  return tookMs.map((each) => ({ at: 2_000, tookMs: each, failure: null }));
}

function valueIn(some: Partial<Outcome>, label: string) {
  return rowsOf([outcome(some)]).find((row) => row.label === label)?.values[0];
}

test("what a profile does not do has no row", () => {
  const labels = rowsOf([outcome({ requests: attempts(10) })]).map(({ label }) => label);
  expect(labels).toEqual([
    "requests made",
    "… that failed",
    "request, mean",
    "request, p50",
    "request, p99",
  ]);
});

test.each<[string, number, boolean | null, Partial<Outcome>]>([
  ["… a second", 5, null, { turns: Array.from({ length: 50 }, () => turn()) }],
  ["message → accepted, p99", 99, true, { turns: [turn(), turn({ acceptedMs: 99 })] }],
  ["message → accepted, p99", 100, false, { turns: [turn(), turn({ acceptedMs: 100 })] }],
  ["analytics tool, p99", 600, false, { turns: [turn({ toolMs: [10, 600] })] }],
  ["request, mean", 82, true, { requests: attempts(80, 84) }],
  ["request, mean", 83, false, { requests: attempts(80, 86) }],
  ["memory a connection", 512, true, { bytesAConnection: 512 * 1_024 }],
  ["memory a connection", 1_024, false, { bytesAConnection: MEBIBYTE }],
])("%s is %s, and its target kept: %s", (label, value, met, some) => {
  expect(valueIn(some, label)).toEqual({ value, met });
});

test("memory is what it was at its highest, and processors are a mean over time", () => {
  // A sample that came late is of a longer time: that of a busy machine.
  const uses = [
    { at: 2_000, residentBytes: 100 * MEBIBYTE, busyShare: 0.5 },
    { at: 5_000, residentBytes: 2_060 * MEBIBYTE, busyShare: 0.9 },
  ];
  expect(valueIn({ uses }, "memory, at most")).toEqual({ value: 2_060, met: false });
  expect(valueIn({ uses }, "processors, mean")).toEqual({ value: 80, met: false });
});

test.each<[string, Partial<Turn>]>([
  ["was refused", { failure: "quota_exceeded" }],
  ["was never heard of again", { completedMs: null }],
])("one message in a thousand that %s is too many", (_, some) => {
  const turns = Array.from({ length: 999 }, () => turn());
  const label = "… that came to nothing";
  expect(valueIn({ turns: [...turns, turn()] }, label)).toEqual({ value: 0, met: true });
  expect(valueIn({ turns: [...turns, turn(some)] }, label)).toEqual({ value: 0.1, met: false });
});

test("a message that was never heard of again is complained of, and so is one that was refused", () => {
  const turns = [turn(), turn({ completedMs: null }), turn({ failure: "quota_exceeded" })];
  expect(complaints(outcome({ turns }))).toEqual([
    "peak: no end of its run was heard of",
    "peak: quota_exceeded",
  ]);
  expect(complaints(outcome({ turns: [turn()] }))).toEqual([]);
});

test("a profile in which nothing was asked is no success", () => {
  expect(complaints(outcome({}))).toEqual(["peak: nothing was asked"]);
  expect(complaints(outcome({ requests: attempts(10) }))).toEqual([]);
});

test("failures of many kinds leave room for what is wrong in the transcripts", () => {
  const turns = Array.from({ length: 20 }, (_, number) => turn({ failure: `failure ${number}` }));
  const violations = { ...NOTHING_DONE.violations, leaked: ["thread x: foreign words"] };
  expect(complaints(outcome({ turns, violations }))).toContain(
    "peak: leaked: thread x: foreign words",
  );
});

test("one violation in one transcript is told, counted and marked", async () => {
  const violations = { lost: ["thread x: <a gap>"], duplicated: [], reordered: [], leaked: [] };
  const broken = outcome({ turns: [turn()], verified: 9, violations });
  expect(rowsOf([broken]).find(({ label }) => label === "… lost")?.values).toEqual([
    { value: 1, met: false },
  ]);
  expect(complaints(broken)).toEqual(["peak: lost: thread x: <a gap>"]);
  expect(asText([broken])).toMatch(/^… lost +0 +1 ✗$/m);
  expect(asMarkdown([broken])).toContain("| … lost | 0 | 1 ✗ |");
  const page = await asPage([broken]);
  expect(page).toContain("thread x: &lt;a gap&gt;");
  expect(page).toContain('<td data-met="false">1</td>');
  expect(page).toContain("<svg");
  // Nothing is loaded from anywhere.
  expect(page).not.toMatch(/\b(?:src|href)="|@import|url\(/);
});

test("a turn is timed by its own frames, whatever else comes between", () => {
  let now = 100;
  const stopwatch = new Stopwatch(() => now);
  const ids = {
    thread: "11111111-1111-4111-8111-111111111111",
    run: "22222222-2222-4222-8222-222222222222",
  };
  const message = "33333333-3333-4333-8333-333333333333";
  const context = {
    user_id: "44444444-4444-4444-8444-444444444444",
    thread_id: ids.thread,
    run_id: ids.run,
    agent: null,
    timestamp: "2026-01-01T00:00:00.000Z",
  };
  const hear = (at: number, frame: object) => {
    now = at;
    stopwatch.hear(ServerFrame.parse(frame));
  };
  stopwatch.sent("one");
  stopwatch.sent("two");
  hear(110, {
    type: "message_accepted",
    seq: 1,
    context,
    data: {
      client_message_id: message,
      message_id: message,
      run_id: ids.run,
      content: "two",
      replaces: null,
      queue_position: 0,
    },
  });
  hear(115, { type: "message_delta", message_id: message, offset: 0, text: "of nobody's run" });
  stopwatch.refused("one", "queue_full");
  expect(stopwatch.turns).toEqual([
    turn({
      sentAt: 100,
      acceptedMs: null,
      firstEventMs: null,
      firstTextMs: null,
      completedMs: null,
      failure: "queue_full",
    }),
    turn({ sentAt: 100, acceptedMs: 10, firstEventMs: null, firstTextMs: null, completedMs: null }),
  ]);
});
