/** Threads in a real browser: several tabs in step, searched, deleted and had back, forked, saved, shared. */
import { readFile } from "node:fs/promises";
import type { BrowserContext, Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import type { ThreadId } from "../../../src/protocol/ids.ts";
import { HAS_BROWSER } from "../browser.ts";
import { newPerson } from "../person.ts";
import { signIn } from "./sign-in.ts";
import { visitsOfSuite } from "./suite.ts";

const QUESTION = "Where does our money go, by team?";

describe.skipIf(!HAS_BROWSER)("threads on the page", () => {
  const visit = visitsOfSuite();

  /** Somebody with threads of these titles, the newest last; the first holds a question and its answer. */
  async function arrive(first: string, ...others: string[]) {
    const person = await newPerson(inject("demoUrl"));
    const ids: [ThreadId, ...ThreadId[]] = [await person.newThread()];
    await person.ended((await person.say(ids[0], QUESTION)).run_id);
    for (const _ of others) ids.push(await person.newThread());
    for (const [index, title] of [first, ...others].entries()) {
      await person.request("PATCH", `/api/threads/${ids[index]}`, { title });
    }
    const { page, complaints } = await visit(inject("demoUrl"));
    await signIn(page, person.email);
    return { person, ids, page, complaints };
  }

  test("arrive in every tab: begun, named, under way, renamed and deleted anywhere", async () => {
    const { person, page, complaints } = await arrive("Old costs");
    const second = await tabOf(page.context());
    for (const tab of [page, second]) await rowOf(tab, "Old costs").waitFor();

    const id = await person.newThread();
    await person.say(id, "How much do we use and spend, by feature and by team?");
    for (const tab of [page, second]) {
      await rowOf(tab, /How much do we use/).waitFor();
      await tab.getByRole("img", { name: "A run is under way" }).waitFor();
    }
    for (const tab of [page, second]) {
      await tab.getByRole("img", { name: "A run is under way" }).waitFor({ state: "detached" });
    }

    await choose(page, "Old costs", "Rename");
    await page.getByRole("textbox", { name: "Title" }).fill("Costs of the spring");
    await page.keyboard.press("Enter");
    for (const tab of [page, second]) await rowOf(tab, "Costs of the spring").waitFor();

    await person.request("DELETE", `/api/threads/${id}`);
    for (const tab of [page, second]) {
      await rowOf(tab, /How much do we use/).waitFor({ state: "detached" });
    }
    expect(complaints).toEqual([]);
  });

  test("have addresses: opened by a link, gone back from and forward to", async () => {
    const { ids, page } = await arrive("First", "Second");
    await page.goto(`/t/${ids[0]}`);
    await page.getByRole("heading", { name: "First" }).waitFor();
    expect(await page.title()).toBe("First · Apex Edge");
    await rowOf(page, "Second").click();
    await page.getByRole("heading", { name: "Second" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "First" }).waitFor();
    await page.goForward();
    await page.getByRole("heading", { name: "Second" }).waitFor();
    expect(await page.title()).toBe("Second · Apex Edge");
  });

  test("are found by a word of theirs, by the keyboard alone", async () => {
    const { page } = await arrive("Quarterly review", "Something else");
    await rowOf(page, "Something else").click();
    await page.getByRole("heading", { name: "Something else" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("quarterly");
    await page.getByText(/^1 thread and/).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Quarterly review" }).waitFor();
    await page.getByRole("searchbox").fill("money");
    await page.getByRole("list", { name: "Messages" }).getByRole("link").last().click();
    await page.locator('article[aria-current="true"]').getByText("money").first().waitFor();
    await page.getByRole("searchbox").press("Escape");
    await rowOf(page, "Something else").waitFor();
  });

  test("come back when their deletion is undone, with the tab that only looked on", async () => {
    const { person, ids, page } = await arrive("Kept after all");
    const second = await tabOf(page.context());
    await rowOf(second, "Kept after all").waitFor();
    await choose(page, "Kept after all", "Delete");
    await page.getByText("“Kept after all” was deleted.").waitFor();
    expect(await rowOf(page, "Kept after all").count()).toBe(0);
    expect(await rowOf(second, "Kept after all").count()).toBe(1);
    await page.getByRole("button", { name: "Undo" }).click();
    await rowOf(page, "Kept after all").waitFor();
    expect((await person.request("GET", `/api/threads/${ids[0]}`)).status).toBe(200);
  });

  test("are gone when the page goes before that, in every tab", async () => {
    const { person, ids, page } = await arrive("Gone for good", "Left");
    const second = await tabOf(page.context());
    await second.goto(`/t/${ids[0]}`);
    await second.getByRole("heading", { name: "Gone for good" }).waitFor();
    await choose(page, "Gone for good", "Delete");
    await page.getByText("“Gone for good” was deleted.").waitFor();
    await page.close();
    await second.getByText("This thread was deleted.").waitFor();
    expect(await rowOf(second, "Gone for good").count()).toBe(0);
    expect((await person.request("GET", `/api/threads/${ids[0]}`)).status).toBe(404);
    await rowOf(second, "Left").waitFor();
  });

  test("go on twice when they are forked, and are taken along as files", async () => {
    const { page } = await arrive("Plan");
    await choose(page, "Plan", "Fork");
    await page.waitForURL(/\/t\//);
    await page.getByRole("heading", { name: "Plan" }).waitFor();
    await page.getByRole("link", { name: /Forked from another thread/ }).waitFor();
    expect(await rowOf(page, "Plan").count()).toBe(2);
    await page.getByText(QUESTION).first().waitFor();

    await page.getByRole("button", { name: "Fork from here" }).last().click();
    await expect.poll(() => rowOf(page, "Plan").count()).toBe(3);

    const download = page.waitForEvent("download");
    await page
      .getByRole("banner")
      .getByRole("button", { name: /Options of/ })
      .click();
    await page.getByRole("menuitem", { name: "Export as Markdown" }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe("Plan.md");
    expect(await readFile(await file.path(), "utf8")).toContain(QUESTION);
  });

  test("are read by a link without signing in, until it is taken back", async () => {
    const { person, ids, page, complaints } = await arrive("Spring costs");
    await rowOf(page, "Spring costs").click();
    await page.getByRole("button", { name: "Share…" }).click();
    const dialog = page.getByRole("dialog", { name: "Share this thread" });
    await dialog.getByRole("button", { name: "Make a link" }).click();
    const link = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
    await person.ended((await person.say(ids[0], "A later secret")).run_id);

    const stranger = await visit(inject("demoUrl"));
    const answer = stranger.page.waitForResponse((response) =>
      response.url().includes("/api/shared/"),
    );
    const document = await stranger.page.goto(link);
    expect(document?.headers()["x-robots-tag"]).toBe("noindex");
    await stranger.page.getByRole("heading", { name: "Spring costs" }).waitFor();
    await stranger.page.getByText(QUESTION).waitFor();
    await stranger.page.getByRole("article", { name: "Apex Edge" }).waitFor();
    expect(await stranger.page.getByRole("textbox").count()).toBe(0);
    const text = await (await answer).text();
    const { user } = person.credentials;
    for (const hidden of [user.id, user.email, ids[0], "A later secret", "cost_breakdown"]) {
      expect(text).not.toContain(hidden);
    }
    await dialog.getByRole("button", { name: "Show what was said since, too" }).click();
    await dialog.getByText("The link shows everything said so far.").waitFor();
    await stranger.page.reload();
    await stranger.page.getByText("A later secret").waitFor();
    expect([...complaints, ...stranger.complaints]).toEqual([]);

    await dialog.getByRole("button", { name: "Stop sharing" }).click();
    await dialog.getByRole("button", { name: "Make a link" }).waitFor();
    await stranger.page.reload();
    await stranger.page.getByRole("heading", { name: "There is nothing at this link" }).waitFor();
  });

  test("stand in front of the view on a phone, and beside it on a wide screen, where they can be put away", async () => {
    const { page } = await arrive("First", "Second");
    await page.getByRole("button", { name: "Hide the threads" }).click();
    await rowOf(page, "First").waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("button", { name: "Show the threads" }).click();
    await rowOf(page, "First").waitFor();

    await page.setViewportSize({ width: 390, height: 844 });
    await rowOf(page, "First").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Show the threads" }).click();
    await rowOf(page, "First").click();
    await page.getByRole("heading", { name: "First" }).waitFor();
    await rowOf(page, "First").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Show the threads" }).click();
    await page.keyboard.press("Escape");
    await rowOf(page, "First").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("Show the threads");
  });

  test("have menus that the keyboard opens, walks through and leaves", async () => {
    const { page } = await arrive("Only one");
    await rowOf(page, "Only one").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Rename" }).waitFor();
    await expect.poll(() => focused(page)).toBe("Rename");
    await page.keyboard.press("End");
    expect(await focused(page)).toBe("Delete");
    await page.keyboard.press("ArrowDown");
    expect(await focused(page)).toBe("Rename");
    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("Options of “Only one”");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("F2");
    await page.keyboard.type("Another name");
    await page.keyboard.press("Enter");
    await expect.poll(() => focused(page)).toBe("Another name");
  });

  test("are left to nobody by logging out", async () => {
    const { page } = await arrive("Mine");
    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    expect(await rowOf(page, "Mine").count()).toBe(0);
  });
});

async function tabOf(context: BrowserContext): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto("/");
  await tab.getByRole("button", { name: "New thread" }).waitFor();
  return tab;
}

function rowOf(page: Page, title: string | RegExp) {
  const list = page.getByRole("list", { name: "Threads" });
  return list.getByRole("link", { name: title, exact: typeof title === "string" });
}

/** Chooses from the menu of a thread of the list. */
async function choose(page: Page, title: string, item: string): Promise<void> {
  const list = page.getByRole("list", { name: "Threads" });
  await rowOf(page, title).hover();
  await list.getByRole("button", { name: `Options of “${title}”` }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

/** @returns what the focus is on, by its name. */
async function focused(page: Page): Promise<string | null> {
  const focus = page.locator(":focus");
  return (await focus.getAttribute("aria-label")) ?? (await focus.textContent());
}
