/**
 * The evidence of a figure, opened as a person opens it.
 * @vitest-environment happy-dom
 */
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { CitedFigure } from "../../../../src/web/run/evidence.tsx";
import { RunDetails } from "../../../../src/web/run/run-details.tsx";
import * as frames from "../../client/frames.ts";
import { FINDING, resultsWith, runOf, toolCall, toolEnd } from "./run-view.ts";

afterEach(cleanup);

const RESULTS = {
  window: { from: "2026-11-01", to: "2026-11-08" },
  price_version: "prices@1",
  assumptions: ["Weekends count.", "Nights do not."],
  evidence: { sample_record_ids: ["record-1", "record-2"] },
};

function runWith(results: object | undefined) {
  return runOf(
    toolCall(3),
    toolEnd(4, { status: "succeeded", ...(results && { results }) }),
    frames.completed(5, "It took 1,235 ms.", { results: resultsWith(FINDING) }),
  );
}

/** @returns the popover of the figure, after it was opened. */
function open(run: ReturnType<typeof runWith>): HTMLElement {
  render(
    <>
      <RunDetails run={run} />
      <p>
        <CitedFigure run={run} factId={FINDING.fact_id}>
          1,235 ms at most
        </CitedFigure>
      </p>
    </>,
  );
  const figure = screen.getByRole("button", { name: "1,235 ms at most" });
  const popover = document.getElementById(figure.getAttribute("popovertarget") ?? "");
  if (popover === null) throw new Error("The figure opens nothing.");
  fireEvent(popover, Object.assign(new Event("beforetoggle"), { newState: "open" }));
  return popover;
}

test("tells the value, its bounds, its basis, its records and what it assumes", () => {
  const said = open(runWith(RESULTS)).textContent?.replace(/\s/g, " ");
  for (const told of [
    "1,234.5 ms",
    "1,200 ms and 1,300 ms",
    "Measured: summed over the records themselves",
    "18,234",
    "Nov 1 – 8, 2026",
    "prices@1",
    "record-1",
    "record-2",
    "Weekends count.",
    "Nights do not.",
    "analyze_workload",
  ]) {
    expect(said).toContain(told);
  }
});

test("leads to the call it came from: unfolded, in sight and in focus", () => {
  const scrolled = vi.spyOn(Element.prototype, "scrollIntoView").mockReturnValue(undefined);
  const popover = open(runWith(RESULTS));
  const call = document.getElementById("call-run-1-call-1");
  expect(call?.closest("details.run-fold")).toHaveProperty("open", false);
  const show = [...popover.querySelectorAll("button")].find(
    ({ textContent }) => textContent === "Show the call",
  );
  if (show) fireEvent.click(show);
  expect(call).toHaveProperty("open", true);
  expect(call?.closest("details.run-fold")).toHaveProperty("open", true);
  expect(document.activeElement).toBe(call?.querySelector("summary"));
  expect(scrolled.mock.contexts).toEqual([call]);
});

test("has what the figure itself says, where its call told nothing", () => {
  const { textContent } = open(runWith(undefined));
  expect(textContent).toContain("18,234");
  expect(textContent).not.toContain("Show the call");
});

test("is nothing where its fact is not known: the figure stays a text", () => {
  const { container } = render(
    <CitedFigure run={runWith(RESULTS)} factId="another.fact">
      5 ms
    </CitedFigure>,
  );
  expect(container.innerHTML).toBe("5 ms");
});
