/** The page in a real browser, as a new user meets it. */
import { randomUUID } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { HAS_BROWSER, launchBrowser, visit } from "./browser.ts";
import { newPerson } from "./person.ts";

const QUESTION = "Where does our money go, by team?";

describe.skipIf(!HAS_BROWSER)("the page", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  test("says why a sign-in is refused, at the field it is about", async () => {
    const { page } = await visit(browser, inject("demoUrl"));
    await page.goto("/");
    await page.getByRole("textbox", { name: "Email" }).fill(`${randomUUID()}@example.com`);
    await page.getByLabel("Password").fill("not my password");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    expect(await page.getByRole("alert").textContent()).toMatch(/wrong|email|password/i);
  });

  test("says that a thread is not there, which is another user's", async () => {
    const owner = await newPerson(inject("demoUrl"));
    const foreign = await owner.newThread();
    const { page } = await visit(browser, inject("demoUrl"));
    await signIn(page);
    await page.goto(`/t/${foreign}`);
    expect(await page.getByRole("main").getByRole("alert").textContent()).toMatch(/nothing/i);
  });

  test("takes a new user from sign-up to an answer with its sources, and keeps it over a reload", async () => {
    const { page, complaints } = await visit(browser, inject("demoUrl"));
    await page.goto("/");
    await page.getByRole("button", { name: "I am new here" }).click();
    await page.getByRole("textbox", { name: "Email" }).fill(`${randomUUID()}@example.com`);
    await page.getByLabel("Password").fill("a long enough password");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("button", { name: "New thread" }).click();
    await ask(page, QUESTION);

    const answer = page.getByRole("article", { name: "Apex Edge" });
    await answer.getByText(/^Completed/).waitFor();
    expect(await answer.getByRole("columnheader", { name: "team" }).count()).toBe(1);
    await answer.getByText("How this answer is made").click();
    const timeline = answer.getByRole("list", { name: "Timeline" });
    expect(await timeline.textContent()).toContain("cost_breakdown");
    expect(await answer.getByRole("table", { name: "Figures" }).textContent()).toContain(
      "total cost",
    );

    const said = await answer.textContent();
    await page.reload();
    await answer.getByText(/^Completed/).waitFor();
    await answer.getByText("How this answer is made").click();
    expect(await answer.textContent()).toBe(said);
    expect(complaints).toEqual([]);
  });

  test("shows the events while they happen, and stops a run that it is told to stop", async () => {
    const { page, complaints } = await visit(browser, inject("demoUrl"));
    await signIn(page);
    await page.getByRole("button", { name: "New thread" }).click();
    await ask(
      page,
      "How much do we use and spend, by feature and by team, and which model is cheaper?",
    );
    const answer = page.getByRole("article", { name: "Apex Edge" });
    await answer.getByRole("list", { name: "Plan" }).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await answer.getByText(/^Stopped/).waitFor();
    expect(complaints).toEqual([]);
  });

  test("tells two tabs of one user the same, and another user nothing", async () => {
    const { page } = await visit(browser, inject("demoUrl"));
    await signIn(page);
    await page.getByRole("button", { name: "New thread" }).click();
    await page.getByRole("textbox", { name: "Message" }).waitFor();
    const second = await page.context().newPage();
    await second.goto(page.url());
    await second.getByRole("textbox", { name: "Message" }).waitFor();
    await ask(page, QUESTION);
    for (const tab of [page, second]) {
      await tab
        .getByRole("article", { name: "Apex Edge" })
        .getByText(/^Completed/)
        .waitFor();
    }
    const [mine, other] = await Promise.all(
      [page, second].map((tab) => tab.getByRole("article", { name: "Apex Edge" }).textContent()),
    );
    expect(other).toBe(mine);

    const stranger = await visit(browser, inject("demoUrl"));
    await signIn(stranger.page);
    await stranger.page.getByRole("button", { name: "New thread" }).waitFor();
    expect(
      await stranger.page.getByRole("list", { name: "Threads" }).getByRole("link").count(),
    ).toBe(0);
  });

  test("shows the API, from the document the server itself makes", async () => {
    const { page, complaints } = await visit(browser, inject("demoUrl"));
    await page.goto("/docs");
    // It shows an operation when one scrolls to it.
    const operation = page.getByText("/api/threads/{id}/messages").first();
    while (!(await operation.isVisible())) {
      await page.mouse.wheel(0, 500);
      await page.waitForTimeout(50);
    }
    expect(complaints).toEqual([]);
  });
});

/** Signs in as a developer whom nobody else is. */
async function signIn(page: Page): Promise<void> {
  await page.goto("/");
  await page.getByRole("textbox", { name: "Developer" }).fill(`${randomUUID()}@example.com`);
  await page.getByRole("button", { name: "Continue as developer" }).click();
  await page.getByRole("button", { name: "New thread" }).waitFor();
}

async function ask(page: Page, question: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(question);
  await page.getByRole("button", { name: "Send" }).click();
}
