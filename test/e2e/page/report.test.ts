/** A report in a real browser: from the question to the evidence, the plan, the files and the paper. */
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { Report } from "../../../src/protocol/report.ts";
import { HAS_BROWSER } from "../browser.ts";
import { ask, beginThread, signIn } from "./sign-in.ts";
import { visitsOfSuite } from "./suite.ts";

const QUESTION = "cut our AI costs by 30 % without hurting latency";
/** The whole team works for it, on a machine that others use. */
const PATIENCE = { timeout: 120_000 };

describe.skipIf(!HAS_BROWSER)("a report", () => {
  const visit = visitsOfSuite();
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    ({ page, complaints } = await visit(inject("demoUrl")));
    await signIn(page);
    await beginThread(page);
    await ask(page, QUESTION);
    await answer().getByRole("timer").first().waitFor(PATIENCE);
    await answer()
      .getByText(/^Completed/)
      .waitFor(PATIENCE);
  }, 180_000);

  const answer = () => page.getByRole("article", { name: "Apex Edge" });
  const dialog = () => page.getByRole("dialog", { name: "LLM cost and latency report" });
  const firstTick = () => dialog().getByRole("checkbox").first();

  /** Opens a figure's evidence by the keyboard alone, and gives it. */
  async function evidenceOf(figure: Locator): Promise<Locator> {
    await figure.focus();
    await page.keyboard.press("Enter");
    const evidence = page.locator(".evidence:popover-open");
    await evidence.waitFor();
    return evidence;
  }

  async function openReport(): Promise<void> {
    await answer().getByRole("link", { name: "Open the report" }).click();
    await dialog().locator("svg.recharts-surface").first().waitFor(PATIENCE);
  }

  test("groups the work of the team by agent, each with its state", async () => {
    await answer().getByText("How this answer is made").click();
    const timeline = answer().getByRole("list", { name: "Timeline" });
    const names = await timeline.locator(":scope > li > details > summary b").allTextContents();
    expect(names).toEqual(["Supervisor", "Triage", "Data", "Optimization", "Actions", "Reporting"]);
    await answer().getByText("How this answer is made").click();
  });

  test("rests on figures whose evidence opens by keyboard, and leads to the call", async () => {
    const figure = answer().locator(".markdown button.figure").first();
    const evidence = await evidenceOf(figure);
    expect(await evidence.textContent()).toMatch(/Basis.*Records.*Window.*Prices.*For example/s);
    await page.keyboard.press("Escape");
    expect(await evidence.count()).toBe(0);
    await answer().locator(".markdown button.figure:focus").waitFor();

    await evidenceOf(figure);
    await page.getByRole("button", { name: "Show the call" }).click();
    const call = page.locator("details.call[open]");
    await call.getByText("Results", { exact: true }).waitFor();
    await call.locator("summary:focus").waitFor();
  });

  test("opens from the answer, closes by Back, and has its evidence too", async () => {
    await openReport();
    await page.goBack();
    await dialog().waitFor({ state: "detached" });
    await openReport();
    const evidence = await evidenceOf(dialog().locator(".headline button.figure").first());
    expect(await evidence.textContent()).toContain("Basis");
    await page.keyboard.press("Escape");
    await dialog().waitFor();
  });

  test("has no fault that axe finds, in light and in dark, with all of it unfolded", async () => {
    await dialog()
      .locator("details")
      .evaluateAll((all) => {
        for (const each of all) each.setAttribute("open", "");
      });
    const all = new AxeBuilder({ page }).include(".report-panel");
    expect(await faultsOf(all)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await faultsOf(all.withRules(["color-contrast"]))).toEqual([]);
  }, 120_000);

  test("keeps what is ticked off over a reload, and in step with another tab", async () => {
    const other = await page.context().newPage();
    await other.goto(page.url());
    const there = other.getByRole("dialog", { name: "LLM cost and latency report" });
    await there.getByText(/^0 of \d+ done$/).waitFor(PATIENCE);
    await firstTick().check();
    await there.getByText(/^1 of \d+ done$/).waitFor();
    await other.close();
    await page.reload();
    await firstTick().waitFor(PATIENCE);
    expect(await firstTick().isChecked()).toBe(true);
  });

  test("is taken along as Markdown and as JSON", async () => {
    const markdown = await downloaded("Markdown");
    expect(markdown.name).toMatch(/^apex-report-[\d-]+\.md$/);
    expect(markdown.text).toContain("## Action plan");
    const json = await downloaded("JSON");
    expect(json.name).toMatch(/^apex-report-[\d-]+\.json$/);
    expect(Report.parse(JSON.parse(json.text)).charts.map(({ id }) => id)).toEqual([
      "spend",
      "breakdown",
      "before_after",
      "savings",
    ]);
  });

  test("is all that is printed, and all of it is", async () => {
    await dialog().locator("svg.recharts-surface").first().waitFor();
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.locator("#page").isVisible()).toBe(false);
    expect(await dialog().getByRole("button", { name: "Print or PDF" }).count()).toBe(0);
    expect(await dialog().getByText("Rollback").first().isVisible()).toBe(true);
    expect(await cutOff("Height")).toBe(0);
    await page.emulateMedia({ media: "screen" });
    expect(complaints).toEqual([]);
  });

  test("fits a phone, where evidence comes from below", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await cutOff("Width")).toBe(0);
    const evidence = await evidenceOf(dialog().locator(".headline button.figure").first());
    const still =
      "Promise.all(document.getAnimations().map((each) => each.finished)).then(() => null)";
    await page.evaluate(still);
    const box = await evidence.boundingBox();
    expect(box && [box.x, box.width, Math.round(box.y + box.height)]).toEqual([0, 390, 844]);
  });

  async function faultsOf(axe: AxeBuilder) {
    const { violations } = await axe.analyze();
    return violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
  }

  /** How much of the report lies outside what is shown of it, in pixels. */
  function cutOff(side: "Height" | "Width"): Promise<number> {
    const panel = 'document.querySelector(".report-panel")';
    return page.evaluate<number>(`${panel}.scroll${side} - ${panel}.client${side}`);
  }

  async function downloaded(button: string): Promise<{ name: string; text: string }> {
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      dialog().getByRole("button", { name: button }).click(),
    ]);
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
  }
});
