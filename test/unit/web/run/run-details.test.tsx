/**
 * How an answer came about, as a person follows it, over views that the one fold makes.
 * @vitest-environment happy-dom
 */
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import { isServerFrame } from "../../../../src/client/thread-frames.ts";
import { ApexError } from "../../../../src/protocol/errors.ts";
import { problemOf } from "../../../../src/protocol/problem-of.ts";
import { RunDetails } from "../../../../src/web/run/run-details.tsx";
import { EN } from "../../../../src/web/words/en.ts";
import * as frames from "../../client/frames.ts";
import {
  FINDING,
  fallback,
  handoff,
  resultsWith,
  runOf,
  thought,
  toolCall,
  toolEnd,
} from "./run-view.ts";

const REASONING = "The latency is to be measured before anything can be said about its cause.";

function show(...said: Parameters<typeof runOf>): HTMLElement {
  return render(<RunDetails run={runOf(...said)} />).container;
}

function unfold(summary: HTMLElement): void {
  const details = summary.closest("details");
  if (details) {
    details.open = true;
    fireEvent(details, new Event("toggle"));
  }
}

function badge(container: HTMLElement): string {
  return container.querySelector("summary")?.textContent ?? "";
}

afterEach(cleanup);

describe("the badge", () => {
  test("says who works, and what with, while no tool runs and while one does", () => {
    expect(badge(show())).toContain("Supervisorleads the work");
    cleanup();
    expect(badge(show(toolCall(3)))).toContain("SupervisorMeasure the latency of the last month");
  });

  test("names all who work side by side, by what the first of them does", () => {
    const shown = show(handoff(3, "supervisor", "data"), handoff(4, "supervisor", "data-helper"));
    expect(badge(shown)).toContain("Data and Data helperreads what the records hold");
  });

  test("says that it waits for the person, where a call does", () => {
    const request = frames.event(3, "approval_requested", {
      call_id: "call-1",
      tool_name: "publish_report",
      operation: "Sends the newest report to the webhook.",
      arguments: {},
      expires_at: "2026-11-22T00:00:00Z",
    });
    expect(badge(show(request))).toContain("Supervisorwaits for you");
    expect(screen.getByRole("group", { name: "Allow publish_report?" })).toBeDefined();
  });

  test("calls one it does not know by the name of the wire", () => {
    expect(badge(show(handoff(3, "supervisor", "auditor")))).toContain("auditoris thinking");
  });

  test("counts the time, without reading it out", () => {
    const shown = show();
    expect(screen.getByRole("timer").textContent).toMatch(/\d/);
    expect(shown.querySelector("section")?.getAttribute("aria-live")).toBe("off");
  });

  test("says what it took, once it is over", () => {
    const shown = show(
      handoff(3, "supervisor", "data"),
      toolCall(4, "data"),
      frames.completed(5, "Slow."),
    );
    expect(badge(shown)).toBe("How this answer is made2 agents · 1 tool call · 3.5 sec");
  });
});

describe("the timeline", () => {
  test("is open while the run works, and folded when it has ended", () => {
    expect(show().querySelector("details")?.open).toBe(true);
    cleanup();
    expect(show(frames.completed(3, "Slow.")).querySelector("details")?.open).toBe(false);
  });

  test("tells the plan, and every step of one agent in its order", () => {
    show(thought(3, REASONING), toolCall(4), fallback(5));
    const plan = screen.getByRole("list", { name: "Plan" });
    expect(plan.textContent).toBe("Measure the latency");
    const steps = within(screen.getByRole("list", { name: "Timeline" })).getAllByRole("listitem");
    expect(steps.map((step) => step.textContent)).toEqual([
      REASONING,
      "analyze_workload Measure the latency of the last month running…",
      expect.stringContaining("The model is away. Another answers."),
    ]);
  });

  test("keeps the steps of each agent of a team together, folded under its name", () => {
    show(
      handoff(3, "supervisor", "data", "Data measures."),
      toolCall(4, "data"),
      handoff(5, "data", "supervisor"),
      frames.completed(6, "Slow."),
    );
    const timeline = screen.getByRole("list", { name: "Timeline" });
    const agents = [...timeline.children].map((item) => item.querySelector("summary")?.textContent);
    expect(agents).toEqual(["Supervisordone3.5 sec", "Datadone · 1 tool call0 ms"]);
    const [lead, data] = timeline.children;
    expect(lead?.textContent).toContain("Hands over to Data Data measures.");
    expect(data?.textContent).toContain("analyze_workload");
  });

  test("begins a long thought, and has all of it unfolded", () => {
    const long = `${REASONING} `.repeat(6).trim();
    show(thought(3, long));
    const beginning = screen.getByText(/…$/);
    expect(beginning.textContent?.length).toBeLessThan(long.length);
    expect(beginning.closest("details")?.querySelector("p")?.textContent).toBe(long);
  });

  test("shows what a tool was given and what it gave, to whom unfolds the call", () => {
    show(toolCall(3), toolEnd(4, { status: "succeeded", results: { p99_ms: 1234 } }));
    const name = screen.getByText("analyze_workload");
    expect(screen.queryByText("Arguments")).toBeNull();
    unfold(name);
    expect(name.closest("summary")?.textContent).toContain("done in 43 ms");
    const blocks = screen.getAllByRole("figure");
    expect(blocks.map((block) => block.textContent)).toEqual([
      'Arguments{\n  "days": 30\n}',
      'Results{\n  "p99_ms": 1234\n}',
    ]);
  });

  test("cuts a long result, and has all of it for whom asks", () => {
    const rows = Array.from({ length: 900 }, (_, row) => `row ${row}`);
    show(toolCall(3), toolEnd(4, { status: "succeeded", results: { rows } }));
    unfold(screen.getByText("analyze_workload"));
    expect(screen.queryByText(/row 899/)).toBeNull();
    fireEvent.click(screen.getByRole("button", { name: /^Show all [\d,]+ characters$/ }));
    expect(screen.getByText(/row 899/)).toBeDefined();
  });

  test.each([
    ["failed", "failed in 43 ms"],
    ["timed_out", "timed out in 43 ms"],
    ["cancelled", "cancelled in 43 ms"],
    ["unknown", "outcome unknown in 43 ms"],
  ])("says of a tool call that %s why it gave nothing, and what to do", (status, words) => {
    show(toolCall(3), toolEnd(4, { status, problem: frames.problem("tool_timeout") }));
    expect(screen.getByText(words)).toBeDefined();
    expect(screen.getByText(EN.problems.codes.tool_timeout.what)).toBeDefined();
    expect(screen.getByText(/^Ask for less at once/)).toBeDefined();
  });
});

describe("what is degraded", () => {
  test("stands beside the fold in plain words, each once, with what to do", () => {
    const shown = show(fallback(3), fallback(4), frames.completed(5, "Slow."));
    const list = shown.querySelector(".degradations");
    expect(list?.children).toHaveLength(1);
    expect(list?.textContent).toContain("The model is degraded");
    expect(list?.textContent).toContain("You need to do nothing.");
  });

  test("says when it should be back, and when it should have been", () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    expect(show(fallback(3, { until: soon })).textContent).toContain("It should be back at");
    cleanup();
    const past = show(fallback(3, { until: "2026-01-01T00:00:00Z" }));
    expect(past.textContent).toContain("it is worth another try");
  });

  test("is told in the page's words by its code, with who it is about and why", () => {
    const problem = problemOf(new ApexError("model_timeout", "The endpoint did not answer."));
    const shown = show(
      fallback(3, { part: "agent", code: "part_failed", subject: "data-helper", problem }),
      fallback(4, {
        part: "tool",
        code: "records_unreachable",
        subject: "usage_summary",
        as_of: "2026-11-16T09:30:00.000Z",
      }),
    );
    const [part, tool] = shown.querySelectorAll(".degradations .note");
    expect(part?.textContent).toContain("Data helper came to no result. The model took too long.");
    expect(tool?.textContent).toContain("usage_summary cannot reach the usage records.");
    expect(tool?.textContent).toMatch(/last good answer, as of Nov 16, 2026/);
    expect(shown.textContent).not.toContain("The model is away.");
  });

  test("is told in the server's own words where the page has none", () => {
    const text = JSON.stringify(fallback(3, { code: "run_resumed" }));
    const newer: unknown = JSON.parse(text.replace("run_resumed", "of_a_newer_server"));
    if (!isServerFrame(newer)) throw new Error("The SDK does not take what a newer server says.");
    for (const frame of [fallback(3), newer]) {
      const shown = show(frame).querySelector(".degradations");
      expect(shown?.textContent).toContain("The model is away. Another answers.");
      cleanup();
    }
  });

  test("is told three times at most: the rest is in the timeline", () => {
    const many = [3, 4, 5, 6, 7].map((seq) => fallback(seq, { reason: `Reason ${seq}.` }));
    expect(show(...many).querySelector(".degradations")?.textContent).toContain("and 2 more");
  });
});

describe("the figures", () => {
  test("stand in a table, each with its evidence", () => {
    show(frames.completed(3, "Slow.", { results: resultsWith(FINDING) }));
    const table = screen.getByText("Figures").closest("table");
    expect(table?.querySelector("tbody")?.textContent).toBe(
      "p99 latency1,235 ms18,234measuredanalyze_workload",
    );
    expect(table?.querySelector("button.figure")?.textContent).toBe("1,235 ms");
  });

  test("are folded where they are many", () => {
    const findings = Array.from({ length: 30 }, (_, n) => ({ ...FINDING, fact_id: `fact.${n}` }));
    show(frames.completed(3, "Slow.", { results: resultsWith(...findings) }));
    const summary = screen.getByText("All 30 figures, each with its evidence");
    expect(summary.closest("details")?.open).toBe(false);
  });
});
