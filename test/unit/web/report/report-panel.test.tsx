/**
 * A report as a person opens, reads, ticks off and takes along.
 * @vitest-environment happy-dom
 */
import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ApexClient } from "../../../../src/client/index.ts";
import type { RunView } from "../../../../src/protocol/thread-view.ts";
import { SignedInContext } from "../../../../src/web/client-context.ts";
import { OpenReport } from "../../../../src/web/report/open-report.tsx";
import { RunDetails } from "../../../../src/web/run/run-details.tsx";
import { RunOutcome } from "../../../../src/web/run/run-outcome.tsx";
import { USER } from "../../client/frames.ts";
import { REPORT, reportingRun } from "./sample-report.ts";

const TICKS = "apex.report-ticks.run-1";

// What is loaded only when it is needed is loaded here first: that takes as long as the machine likes.
beforeAll(async () => {
  await import("../../../../src/web/report/report-panel.tsx");
  await import("../../../../src/web/report/chart-drawing.tsx");
}, 60_000);
beforeEach(() => history.replaceState(null, "", "/t/thread-1"));
afterEach(() => {
  cleanup();
  localStorage.clear();
  vi.restoreAllMocks();
});

/** Shows an answer's outcome with the report over it, as the address says. */
async function show(run: RunView | null = reportingRun()): Promise<void> {
  const client = new ApexClient({
    baseUrl: "http://apex.test",
    apiKey: "key",
    async fetch(address) {
      const { pathname, search } = new URL(address);
      if (pathname !== "/api/runs/run-1/report") return new Response(null, { status: 404 });
      if (search === "?format=markdown") return new Response("# LLM cost and latency report");
      return Response.json(REPORT);
    },
  });
  await act(async () => {
    render(
      <SignedInContext value={{ client, user: USER }}>
        {run && <RunDetails run={run} />}
        {run && <RunOutcome run={run} />}
        <OpenReport runs={run ? { [run.id]: run } : {}} />
      </SignedInContext>,
    );
  });
}

async function open(run: RunView | null = reportingRun()): Promise<HTMLElement> {
  history.replaceState(null, "", "/t/thread-1?report=run-1");
  await show(run);
  return await screen.findByRole("article");
}

function ticks(): HTMLElement[] {
  return screen.getAllByRole("checkbox");
}

describe("the card under an answer", () => {
  test("says what the report comes to, and opens it by an address of its own", async () => {
    await show();
    const card = screen.getByRole("complementary", { name: "Report" });
    expect(card.textContent).toContain(
      "$300.00 a month could be saved (between $250.00 and $340.00) · 1 step",
    );
    await act(async () => {
      fireEvent.click(within(card).getByRole("link", { name: "Open the report" }));
    });
    expect(location.search).toBe("?report=run-1");
    expect(await screen.findByRole("dialog", { name: REPORT.title })).toBeDefined();
  });
});

describe("a report", () => {
  test("opens with its headline, each figure with its bounds and its evidence", async () => {
    await open();
    const tiles = screen.getByLabelText("In figures");
    expect(tiles.textContent).toContain("Savings a month$300.00");
    expect(tiles.textContent).toContain("between $250.00 and $340.00");
    expect(tiles.textContent).toContain("212%");
    expect(tiles.textContent).toContain("3 days");
    expect(within(tiles).getByText("$300.00").className).toBe("figure");
  });

  test("has every part of it, and nothing that its Markdown would load or lead to", async () => {
    const report = await open();
    for (const told of [
      "Calls cost $2,000.00 a month.",
      "total cost",
      "$1,900.00 to $2,300.00",
      "It may save nothing",
      "$1,700.00",
      "Measured.",
      "Weekends count.",
      "prices@1",
    ]) {
      expect(report.textContent).toContain(told);
    }
    expect(report.querySelector("img, a")).toBeNull();
  });

  test("tells each chart as a table too", async () => {
    await open();
    const tables = screen.getAllByRole("group", { name: "Spend a day", hidden: true });
    const rows = [...(tables[0]?.querySelectorAll("tr") ?? [])].map((row) =>
      [...row.children].map(({ textContent }) => textContent),
    );
    expect(rows).toEqual([
      ["Item", "Spend", "Forecast", "Forecast, low", "Forecast, high"],
      ["Nov 20", "$70.00", "–", "–", "–"],
      ["Nov 21", "–", "$80.00", "$75.00", "$90.00"],
    ]);
  });

  test("is fetched where its run is no longer told, and then has its figures without evidence", async () => {
    const report = await open(null);
    expect(report.textContent).toContain("forecast cost");
    expect(report.querySelector("button.figure")).toBeNull();
  });

  test("that is not there says so", async () => {
    history.replaceState(null, "", "/t/thread-1?report=run-2");
    await show(null);
    expect((await screen.findByRole("alert")).textContent).not.toBe("");
  });

  test("closes to the thread it was opened over", async () => {
    await open();
    fireEvent.click(screen.getByRole("button", { name: "Close the report" }));
    await vi.waitFor(() => expect(location.search).toBe(""));
    expect(screen.queryByRole("dialog", { name: REPORT.title })).toBeNull();
  });
});

describe("the evidence of a figure in it", () => {
  test("leads to the call in the answer, from which the report goes away", async () => {
    vi.spyOn(Element.prototype, "scrollIntoView").mockReturnValue(undefined);
    const report = await open();
    const figure = report.querySelector(".headline button.figure");
    const popover = document.getElementById(figure?.getAttribute("popovertarget") ?? "");
    if (popover === null) throw new Error("The figure opens nothing.");
    fireEvent(popover, Object.assign(new Event("beforetoggle"), { newState: "open" }));
    fireEvent.click(within(popover).getByText("Show the call"));
    await vi.waitFor(() => expect(location.search).toBe(""));
    expect(screen.queryByRole("dialog", { name: REPORT.title })).toBeNull();
    expect(document.activeElement?.closest("details")?.id).toBe("call-run-1-call-1");
  });
});

describe("the action plan", () => {
  test("is ticked off, kept, and found again", async () => {
    await open();
    expect(screen.getByText("0 of 3 done")).toBeDefined();
    const [first] = ticks();
    if (first) fireEvent.click(first);
    expect(screen.getByText("1 of 3 done")).toBeDefined();
    expect(screen.getByText("at least $250.00 of $250.00 a month")).toBeDefined();
    expect(localStorage.getItem(TICKS)).toBe('["step-1"]');
    cleanup();
    await open();
    expect(screen.getByText("1 of 3 done")).toBeDefined();
    const [again] = ticks();
    if (again) fireEvent.click(again);
    expect(localStorage.getItem(TICKS)).toBeNull();
  });

  test("follows what another tab ticks, and believes nothing else that is stored", async () => {
    await open();
    localStorage.setItem(TICKS, '["step-1","recommendation-2"]');
    act(() => void dispatchEvent(Object.assign(new Event("storage"), { key: TICKS })));
    expect(screen.getByText("2 of 3 done")).toBeDefined();
    localStorage.setItem(TICKS, '{"no":"list"}');
    act(() => void dispatchEvent(Object.assign(new Event("storage"), { key: TICKS })));
    expect(screen.getByText("0 of 3 done")).toBeDefined();
  });

  test("still ticks where the browser keeps nothing", async () => {
    await open();
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new Error("There is no room.");
    });
    const [first] = ticks();
    if (first) fireEvent.click(first);
    expect(screen.getByText("1 of 3 done")).toBeDefined();
  });

  test("tells how a step is done and guarded, and its evidence once", async () => {
    const report = await open();
    const details = report.querySelector(".plan-details")?.textContent;
    expect(details).toContain("Guardsuccess share, margin 0.02, 1,237 requests an arm");
    expect(details).toContain("WhyEvidence: replayed from 12,000 records.");
  });

  test("of a report without anything to do says so", async () => {
    const run = reportingRun();
    const report = { ...REPORT, recommendations: [], action_plan: [] };
    await open({ ...run, report });
    expect(screen.getByText(/^This report recommends nothing/)).toBeDefined();
  });
});

describe("taken along", () => {
  test.each([
    ["Markdown", "apex-report-2026-11-21.md", /^# LLM cost/],
    ["JSON", "apex-report-2026-11-21.json", /"title": "LLM cost and latency report"/],
  ])("as %s it is a file", async (button, name, content) => {
    const files: Blob[] = [];
    vi.spyOn(URL, "createObjectURL").mockImplementation((file) => {
      if (file instanceof Blob) files.push(file);
      return "blob:report";
    });
    const names: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      names.push(this.download);
    });
    await open();
    await act(async () => {
      fireEvent.click(screen.getByRole("button", { name: button }));
    });
    await vi.waitFor(() => expect(names).toEqual([name]));
    expect(await files[0]?.text()).toMatch(content);
  });

  test("on paper it is printed under its own title", async () => {
    const printed = vi.fn(() => document.title);
    vi.stubGlobal("print", printed);
    await open();
    fireEvent.click(screen.getByRole("button", { name: "Print or PDF" }));
    expect(printed.mock.results[0]?.value).toBe(REPORT.title);
    vi.unstubAllGlobals();
  });
});
