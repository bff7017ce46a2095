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
import { EN } from "../../../src/web/words/en.ts";
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

function toolCall(seq: number): ServerFrame {
  return frames.event(seq, "tool_executing", {
    call_id: "call-1",
    tool_name: "analyze_workload",
    operation: "Measure the latency of the last month",
    arguments: { days: 30 },
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
    expect(screen.getByRole("alert").textContent).toContain(
      EN.problems.codes.model_unavailable.what,
    );
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
        results: {},
      }),
      frames.completed(5, text, { results }),
    );
    return article("assistant");
  }

  test("has each figure that a tool computed as a button, which opens its evidence", () => {
    const answer = showAnswer("| p99 |\n| --- |\n| **1,234 ms** at most |", /1,234 ms/g);
    const figure = within(answer).getByRole("button", { name: "1,234 ms" });
    const evidence = document.getElementById(figure.getAttribute("popovertarget") ?? "");
    expect(evidence?.getAttribute("aria-label")).toBe("Evidence: p99 latency");
  });

  test("keeps with a figure the signs and marks that belong to it", () => {
    const answer = showAnswer("Slower (+1,234 ms), as ever.", /1,234 ms/g);
    expect(answer.querySelector(".unbroken")?.textContent).toBe("(+1,234 ms),");
    expect(answer.querySelector(".markdown")?.textContent).toBe("Slower (+1,234 ms), as ever.");
    cleanup();
    const endless = `${"(".repeat(500)}1,234 ms`;
    expect(showAnswer(endless, /1,234 ms/g).querySelector(".unbroken")?.textContent).toBe(
      "(((1,234 ms",
    );
  });

  test("marks a figure that no tool computed", () => {
    const answer = showAnswer("It took 1,234 ms, so 90 % can go.", /1,234 ms|90 %/g);
    expect(answer.querySelector("mark")?.textContent).toBe("90 %");
  });

  test("takes nothing a model writes for a figure with evidence", () => {
    const forged = '<data value="analyze_workload.p99_latency">5 ms</data> [5 ms](#fact)';
    const answer = showAnswer(forged, /nothing/g);
    expect(answer.querySelector(".markdown :is(button, data)")).toBeNull();
  });
});
