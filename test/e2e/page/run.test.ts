/** A run in a real browser: what it asks of a person, what it says of its failure, and a page that goes meanwhile. */
import type { Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { HAS_BROWSER } from "../browser.ts";
import { scriptModel } from "../model-script.ts";
import { answered, ask, beginThread, lastAnswer, signIn } from "./sign-in.ts";
import { faultsOf, visitsOfSuite } from "./suite.ts";

const PUBLISH = { tool_calls: [{ name: "publish_report", arguments: {} }] };

describe.skipIf(!HAS_BROWSER)("a run", () => {
  const visit = visitsOfSuite();

  async function open() {
    const { page, complaints } = await visit(inject("openaiUrl"));
    await signIn(page);
    await beginThread(page);
    return { page, complaints };
  }

  const request = (page: Page) => page.getByRole("group", { name: "Allow publish_report?" });

  test("asks in its place, in every tab and over a reload, until one of them has decided", async () => {
    await scriptModel([PUBLISH, { text: "Nothing was sent." }]);
    const { page, complaints } = await open();
    await ask(page, "Publish the report");
    await request(page).waitFor();
    expect(await request(page).textContent()).toContain("Nothing is done before you approve it.");
    expect(await faultsOf(page)).toEqual([]);
    await page.reload();
    await request(page).waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await request(other).getByRole("button", { name: "Reject" }).click();
    for (const tab of [page, other]) {
      await request(tab).waitFor({ state: "detached" });
      const answer = await answered(tab);
      await answer.getByText("How this answer is made").click();
      await answer.getByText("Rejected: it was not executed.").waitFor();
      await answer.getByText("Nothing was sent.").waitFor();
    }
    expect(complaints).toEqual([]);
  });

  test("goes on where it is allowed to, and says of a tool that failed what it said", async () => {
    await scriptModel([PUBLISH, { text: "There is none yet." }]);
    const { page } = await open();
    await ask(page, "Publish the report");
    await request(page).getByRole("button", { name: "Approve" }).press("Enter");
    const answer = await answered(page);
    await answer.getByText("How this answer is made").click();
    await answer.getByText("Approved.").waitFor();
    await answer.getByText("A tool failed: what it was asked for is missing.").waitFor();
    const timeline = answer.getByRole("list", { name: "Timeline" });
    await timeline.getByText("publish_report", { exact: true }).click();
    await answer.getByText("This conversation has no report to publish yet.").waitFor();
  });

  test("that is unfolded stays where it was pressed, and the end of the log waits", async () => {
    await scriptModel([{ text: "A word and another.\n\n".repeat(4) }]);
    const { page } = await open();
    await page.setViewportSize({ width: 1280, height: 520 });
    await ask(page, "How is this made?");
    const summary = (await answered(page)).getByText("How this answer is made");
    const before = await summary.boundingBox();
    await summary.click();
    await page.getByRole("button", { name: "Jump to the newest" }).waitFor({ timeout: 10_000 });
    expect((await summary.boundingBox())?.y).toBeCloseTo(before?.y ?? -1, 0);
  });

  test("that failed says why in the page's words, and when to try again, over a reload too", async () => {
    await scriptModel([{ status: 429, headers: { "retry-after": "900" } }]);
    const { page } = await open();
    await ask(page, "What did it cost?");
    const alert = lastAnswer(page).getByRole("alert");
    await alert.getByText("That was too much at once.").waitFor();
    await alert.getByText(/^Try again in 1[45] minutes\.$/).waitFor();
    await page.reload();
    await alert.getByText(/^Try again in 1[45] minutes\.$/).waitFor();
  });

  test("goes on while its page is loaded anew, and is seen to its end", async () => {
    const text = "One word after another. ".repeat(30).trim();
    await scriptModel([{ text, piece: 6, pace_ms: 50 }]);
    const { page, complaints } = await open();
    await ask(page, "Take your time");
    await lastAnswer(page).getByText("One word after another.").first().waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Stop", exact: true }).waitFor();
    const answer = await answered(page);
    expect(await answer.locator(".markdown").textContent()).toBe(text);
    expect(await page.getByRole("article").count()).toBe(2);
    expect(complaints).toEqual([]);
  });
});
