/**
 * What a person sees of a message, over views that the one fold makes.
 * @vitest-environment happy-dom
 */
import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import type { Role } from "../../../src/protocol/entities.ts";
import { Message } from "../../../src/protocol/entities.ts";
import type { ServerFrame } from "../../../src/protocol/events.ts";
import { project, withHistory } from "../../../src/protocol/projection.ts";
import { EMPTY_THREAD } from "../../../src/protocol/thread-view.ts";
import { MessageItem } from "../../../src/web/conversation/message-item.tsx";
import * as frames from "../client/frames.ts";

/** Renders every message that the frames make, in order. */
function show(...said: ServerFrame[]): void {
  const view = said.reduce(project, EMPTY_THREAD);
  render(
    view.messages.map((message) => (
      <MessageItem key={message.id} message={message} run={view.runs[message.runId]} />
    )),
  );
}

function article(role: Role): HTMLElement {
  return screen.getByRole("article", { name: role === "user" ? "You" : "Apex Edge" });
}

const ASKED = [frames.accepted(1, null), frames.started(2)];
const REASONING = "The latency is to be measured before anything can be said about its cause.";

function toolCall(seq: number): ServerFrame {
  return frames.event(seq, "tool_executing", {
    call_id: "call-1",
    tool_name: "analyze_workload",
    operation: "Measure the latency of the last month",
    arguments: { days: 30 },
  });
}

function toolEnd(seq: number, data: object): ServerFrame {
  return frames.event(seq, "tool_completed", {
    call_id: "call-1",
    tool_name: "analyze_workload",
    duration_ms: 43,
    ...data,
  });
}

afterEach(cleanup);

describe("a question", () => {
  test("says that its run waits, until it starts", () => {
    show(frames.accepted(1, null));
    expect(article("user").textContent).toContain("Why so slow?");
    expect(article("user").textContent).toContain("Queued");
    cleanup();
    show(...ASKED);
    expect(article("user").textContent).toBe("Why so slow?");
  });

  test("says that its run was stopped before it started", () => {
    show(
      frames.accepted(1, null),
      frames.completed(2, "", { status: "cancelled", duration_ms: 0 }),
    );
    expect(article("user").textContent).toContain("Stopped");
  });
});

describe("an answer", () => {
  test("that failed says what happened, beside the text that was written", () => {
    const problem = frames.problem("model_unavailable", 503);
    show(
      ...ASKED,
      frames.delta(0, "It seems"),
      frames.completed(3, "It seems", { status: "failed", problem }),
    );
    expect(screen.getByRole("alert").textContent).toBe("Refused: model_unavailable");
    expect(article("assistant").textContent).toContain("It seems");
    expect(article("assistant").textContent).toContain("Failed");
  });

  test("that was stopped keeps its text and says so", () => {
    show(...ASKED, frames.completed(3, "It seems", { status: "cancelled" }));
    expect(article("assistant").textContent).toMatch(/It seems.*Stopped/s);
  });

  test.each([
    ["failed", "This answer failed."],
    ["cancelled", "This answer was stopped."],
  ])("whose run is forgotten still says that it %s", (status, sentence) => {
    const saved = { ...frames.message("answer-1", 2, "assistant", "It"), status };
    const [message] = withHistory(EMPTY_THREAD, [Message.parse(saved)]).messages;
    render(message && <MessageItem message={message} run={undefined} />);
    expect(screen.getByText(sentence)).toBeDefined();
  });

  test("shows its text as it comes, and is busy until it stands", () => {
    show(...ASKED, frames.delta(0, "It is "), frames.delta(6, "**slow**"));
    expect(article("assistant").textContent).toContain("It is slow");
    expect(article("assistant").getAttribute("aria-busy")).toBe("true");
    expect(article("assistant").textContent).toContain("Working…");
    cleanup();
    show(...ASKED, frames.completed(3, "It is slow."));
    expect(article("assistant").getAttribute("aria-busy")).toBe("false");
  });

  test("is text alone: nothing in it becomes part of the page", () => {
    show(...ASKED, frames.completed(3, "<img src=x onerror=alert(1)><b>bold</b>"));
    expect(screen.queryByRole("img")).toBeNull();
    expect(screen.getByText("<img src=x onerror=alert(1)><b>bold</b>")).toBeDefined();
  });

  test("tells what it cost, and how long it took", () => {
    show(...ASKED, frames.completed(3, "It is slow."));
    expect(
      screen.getByText("Completed · supervisor · demo · 3.5 s · 1,200 tokens in, 34 out · $0.0123"),
    ).toBeDefined();
  });

  const finding = {
    fact_id: "analyze_workload.p99_latency",
    call_id: "call-1",
    tool_name: "analyze_workload",
    name: "p99 latency",
    value: 1234.5,
    unit: "ms",
    interval: { low: 1200, high: 1300 },
    n_records: 18_234,
    basis: "measured",
  };

  /** Shows an answer whose figures stand where a pattern finds them: the first cited, the others not. */
  function showAnswer(text: string, figures: RegExp): HTMLElement {
    const [cited, ...others] = [...text.matchAll(figures)].map((match) => {
      return { offset: match.index, length: match[0].length };
    });
    const grounding = {
      citations: cited ? [{ ...cited, fact_id: finding.fact_id }] : [],
      unverified: others,
    };
    const results = { findings: [finding], grounding, outcome: null, report: null };
    show(
      ...ASKED,
      toolCall(3),
      frames.event(4, "tool_completed", {
        call_id: "call-1",
        tool_name: "analyze_workload",
        status: "succeeded",
        duration_ms: 12,
        results: {
          window: { from: "2026-11-01", to: "2026-11-08" },
          assumptions: ["Weekends count."],
          evidence: { sample_record_ids: ["record-1", "record-2"] },
        },
      }),
      frames.completed(5, text, { results }),
    );
    return article("assistant");
  }

  test("opens the evidence of a figure: its bounds, its records, what it assumes", () => {
    const answer = showAnswer("| p99 |\n| --- |\n| **1,234 ms** at most |", /1,234 ms/g);
    const figure = within(answer).getByRole("button", { name: "1,234 ms" });
    const evidence = answer.querySelector(`[id="${figure.getAttribute("popovertarget")}"]`);
    for (const told of [
      "1,200 and 1,300",
      "18,234",
      "2026-11-01 to 2026-11-08",
      "record-1, record-2",
      "Weekends count.",
    ]) {
      expect(evidence?.textContent).toContain(told);
    }
  });

  test("marks a figure that no tool computed", () => {
    const answer = showAnswer("It took 1,234 ms, so 90 % can go.", /1,234 ms|90 %/g);
    expect(answer.querySelector("mark")?.textContent).toBe("90 %");
  });

  test("takes nothing a model writes for a figure with evidence", () => {
    const forged = '<data value="analyze_workload.p99_latency">5 ms</data> [5 ms](#fact)';
    const answer = showAnswer(forged, /nothing/g);
    expect(answer.querySelector("button.figure, data")).toBeNull();
  });

  test("shows the figures it rests on, each with its evidence", () => {
    show(
      ...ASKED,
      frames.completed(3, "Slow.", {
        results: {
          findings: [finding],
          grounding: { citations: [], unverified: [] },
          outcome: null,
          report: null,
        },
      }),
    );
    const table = within(article("assistant")).getByText("Figures").closest("table");
    expect(table?.querySelector("tbody")?.textContent).toBe(
      "p99 latency1,234.5ms18,234measuredanalyze_workload",
    );
  });
});

describe("the timeline", () => {
  test("is open while the run works, and folded when it has ended", () => {
    show(...ASKED);
    expect(screen.getByText("How this answer is made").parentElement).toHaveProperty("open", true);
    cleanup();
    show(...ASKED, frames.completed(3, "Slow."));
    expect(screen.getByText("How this answer is made").parentElement).toHaveProperty("open", false);
  });

  test("tells the plan, and every step in its order", () => {
    show(
      ...ASKED,
      frames.event(3, "agent_thinking", { reasoning: REASONING, source: "loop" }),
      frames.event(4, "handoff", {
        from: "supervisor",
        to: "data",
        reason: "Data measures.",
        findings: [],
      }),
      toolCall(5),
      frames.event(6, "agent_fallback", {
        part: "model",
        reason: "The model is away.",
        action: "Another answers.",
        until: null,
      }),
    );
    const plan = screen.getByRole("list", { name: "Plan" });
    expect(plan.textContent).toBe("Measure the latency");
    const steps = within(screen.getByRole("list", { name: "Timeline" })).getAllByRole("listitem");
    expect(steps.map((step) => step.textContent)).toEqual([
      `supervisor ${REASONING}`,
      "supervisor → data Data measures.",
      expect.stringContaining("analyze_workload Measure the latency of the last month running…"),
      "Degraded The model is away. Another answers.",
    ]);
  });

  test("shows what a tool was given and what it gave", () => {
    show(...ASKED, toolCall(3), toolEnd(4, { status: "succeeded", results: { p99_ms: 1234 } }));
    const call = screen.getByText("analyze_workload").closest("details");
    expect(call?.open).toBe(false);
    expect(call?.querySelector("summary")?.textContent).toContain("done in 43 ms");
    const blocks = within(screen.getByRole("list", { name: "Timeline" })).getAllByRole("figure");
    expect(blocks.map((block) => block.textContent)).toEqual([
      'Arguments{\n  "days": 30\n}',
      'Results{\n  "p99_ms": 1234\n}',
    ]);
  });

  test.each([
    ["failed", "failed in 43 ms"],
    ["timed_out", "timed out in 43 ms"],
    ["cancelled", "cancelled in 43 ms"],
    ["unknown", "outcome unknown in 43 ms"],
  ])("says of a tool call that %s why it gave nothing", (status, words) => {
    show(...ASKED, toolCall(3), toolEnd(4, { status, problem: frames.problem("tool_failed") }));
    expect(screen.getByText(words)).toBeDefined();
    expect(screen.getByText("Refused: tool_failed")).toBeDefined();
    expect(screen.queryByText("Results")).toBeNull();
  });
});
