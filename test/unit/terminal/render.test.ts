/** Exactly what each frame, call, message and thread looks like on a terminal. */
import { describe, expect, test } from "vitest";
import { Thread } from "../../../src/protocol/entities.ts";
import type { ServerFrame } from "../../../src/protocol/events.ts";
import { project } from "../../../src/protocol/projection.ts";
import { EMPTY_THREAD } from "../../../src/protocol/thread-view.ts";
import { AnswerWriter, TAKEN_BACK } from "../../../src/terminal/answer-writer.ts";
import {
  type Paint,
  renderCall,
  renderFrame,
  renderMessage,
  renderThreads,
  toolCalls,
} from "../../../src/terminal/render.ts";
import {
  accepted,
  completed,
  delta,
  event,
  failure,
  problem,
  ready,
  started,
  THREAD,
  thread,
  USAGE,
} from "../client/frames.ts";

const bare: Paint = (_style, text) => text;
const marked: Paint = (style, text) => `<${style}>${text}</>`;

const executing = event(4, "tool_executing", {
  call_id: "call-1",
  tool_name: "cost_summary",
  operation: "Adds up the cost of the last month.",
  arguments: { days: 30 },
});
const executed = event(5, "tool_completed", {
  call_id: "call-1",
  tool_name: "cost_summary",
  status: "succeeded",
  duration_ms: 12.4,
  results: { total: 7 },
});
const failed = event(5, "tool_completed", {
  call_id: "call-1",
  tool_name: "cost_summary",
  status: "timed_out",
  duration_ms: 20_000,
  problem: problem("tool_timeout", 504),
});

const fold = (frames: readonly ServerFrame[]) => frames.reduce(project, EMPTY_THREAD);

/** @returns the lines of the last frame, when the ones before it have been seen. */
function render(...frames: readonly ServerFrame[]): string[] {
  const last = frames.at(-1);
  return last ? renderFrame(last, fold(frames), bare) : [];
}

describe("an event", () => {
  const waiting = event(1, "message_accepted", {
    client_message_id: null,
    message_id: "message-1",
    run_id: "run-1",
    content: "Why?",
    replaces: null,
    queue_position: 2,
  });
  const thinking = event(3, "agent_thinking", {
    reasoning: "The tail is long,\n  so the slowest model is measured before anything else.",
    source: "loop",
  });
  const handoff = event(3, "handoff", {
    from: "supervisor",
    to: "triage",
    reason: "It knows latency.",
    findings: [],
  });
  const fallback = event(3, "agent_fallback", {
    part: "model",
    reason: "The endpoint is down.",
    action: "Another model answers.",
    until: null,
  });
  const titled = (title: string | null) => event(6, "thread_updated", { title, metadata: {} });

  test.each([
    ["a failure", [failure("queue_full")], ["! Refused: queue_full"]],
    [
      "a failed run",
      [completed(6, "", { status: "failed", problem: problem("model_timeout", 504) })],
      ["✗ failed · 1,234 tokens (1,200 in, 34 out) · $0.0123 · 3.5 s", "Refused: model_timeout"],
    ],
    [
      "a cancelled run",
      [completed(6, "", { status: "cancelled", usage: { ...USAGE, cost_usd: null } })],
      ["■ cancelled · 1,234 tokens (1,200 in, 34 out) · no known price · 3.5 s"],
    ],
    [
      "a completed run",
      [
        completed(6, "", {
          usage: { ...USAGE, input_tokens: 0, output_tokens: 1, cost_usd: 4e-5, estimated: true },
        }),
      ],
      ["✓ completed · about 1 token (0 in, 1 out) · $0.00004 · 3.5 s"],
    ],
    ["a message that waits", [waiting], ["waiting behind 2 runs"]],
    ["a message that does not", [accepted(1, null)], []],
    [
      "a start",
      [started(2)],
      ["supervisor started, model demo", "supervisor   1. Measure the latency"],
    ],
    [
      "reasoning",
      [thinking],
      ["supervisor The tail is long, so the slowest model is measured before anything else."],
    ],
    ["a handoff", [handoff], ["supervisor → triage: It knows latency."]],
    [
      "a tool call",
      [executing],
      ['supervisor #1 cost_summary {"days":30} Adds up the cost of the last month.'],
    ],
    [
      "a result",
      [executing, executed],
      ['supervisor #1 cost_summary succeeded in 12 ms: {"total":7}'],
    ],
    [
      "a call that failed",
      [executing, failed],
      ["supervisor #1 cost_summary timed out in 20.0 s: Refused: tool_timeout"],
    ],
    ["a fallback", [fallback], ["! model: The endpoint is down. Another model answers."]],
    ["a title", [titled("Latency")], ["title: Latency"]],
    ["no title", [titled(null)], ["title: (none)"]],
    ["a piece of the answer", [delta(0, "All")], []],
    ["a connection", [ready()], []],
  ])("of %s", (_name, frames, lines) => {
    expect(render(...frames)).toEqual(lines);
  });

  test("is cut to a line, however long its arguments and results are", () => {
    const long = event(4, "tool_executing", {
      call_id: "call-1",
      tool_name: "cost_summary",
      operation: "Adds up the cost of the last month.",
      arguments: { model: "m".repeat(500) },
    });
    expect(render(long)[0]).toMatch(/^supervisor #1 cost_summary \{"model":"m+… Adds up/);
    expect(render(long)[0]?.length).toBeLessThan(200);
  });

  test("can't reach the terminal's controls, whoever names what", () => {
    const hostile = "\u001b]0;owned\u0007\u001b[2J\rhi";
    const frame = event(
      4,
      "tool_executing",
      {
        call_id: "call-1",
        tool_name: hostile,
        operation: hostile.repeat(3),
        arguments: { [hostile]: "\u009b2J" },
      },
      hostile,
    );
    expect(render(frame).join("\n")).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test("is styled by the painter alone", () => {
    expect(renderFrame(executed, fold([executing, executed]), marked)).toEqual([
      '<cyan>supervisor</> #1 cost_summary <green>succeeded</> in 12 ms: {"total":7}',
    ]);
  });
});

describe("a tool call in full", () => {
  test("shows why it failed", () => {
    const [call] = toolCalls(fold([accepted(1, null), executing, failed]));
    expect(call && renderCall(call, bare)).toEqual([
      "cost_summary by supervisor: timed out in 20.0 s",
      "Adds up the cost of the last month.",
      'arguments: {\n  "days": 30\n}',
      "Refused: tool_timeout",
    ]);
  });

  test("shows arguments and results as they are, also while it goes on", () => {
    const [call] = toolCalls(fold([executing, executed]));
    expect(call && renderCall(call, bare).at(-1)).toBe('results: {\n  "total": 7\n}');
    const [going] = toolCalls(fold([executing]));
    expect(going && renderCall(going, bare)[0]).toBe("cost_summary by supervisor: executing");
  });
});

test("messages say whose they are, and what became of them", () => {
  const { messages } = fold([
    accepted(1, null, "Why\u001b[2J?"),
    started(2),
    completed(3, "Because", { status: "failed" }),
  ]);
  expect(messages.map((message) => renderMessage(message, bare))).toEqual([
    "you › Why?",
    "apex › Because (failed)",
  ]);
});

test("threads are numbered from 1", () => {
  const threads = [thread(THREAD, "La\u0007tency"), thread("thread-2", null)].map((t) =>
    Thread.parse(t),
  );
  expect(renderThreads(threads, bare)).toEqual([
    "1. Latency 2026-11-21 thread-1",
    "2. (no title) 2026-11-21 thread-2",
  ]);
});

describe("an answer that is being written", () => {
  /** @returns what is printed after each frame that follows the question. */
  function follow(...frames: ServerFrame[]): string[] {
    const writer = new AnswerWriter("apex › ");
    const told = (n: number) => fold([accepted(1, null), ...frames.slice(0, n + 1)]);
    return frames.map((_, n) => writer.follow(told(n).messages));
  }

  test("says where a part was taken back", () => {
    expect(
      follow(started(2), delta(0, "All is "), delta(4, "was "), completed(3, "None.")),
    ).toEqual(["", "apex › All is ", `${TAKEN_BACK}All was `, `${TAKEN_BACK}None.\n`]);
  });

  test("is printed in pieces, each once, without an escape that two of them share", () => {
    expect(
      follow(
        started(2),
        delta(0, "All\u001b[3"),
        delta(0, "All\u001b[3"),
        delta(6, "1m is"),
        completed(3, "All is well."),
        completed(3, "All is well."),
      ),
    ).toEqual(["", "apex › All", "", " is", " well.\n", ""]);
  });

  test("is nothing where nothing was said", () => {
    expect(follow(started(2), completed(3, ""))).toEqual(["", ""]);
  });
});
