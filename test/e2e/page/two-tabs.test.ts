/** Two tabs of one browser on one thread: what waits in both for the network goes out once, in order. */
import { randomUUID } from "node:crypto";
import type { BrowserContext, Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { Command } from "../../../src/protocol/commands.ts";
import { HAS_BROWSER } from "../browser.ts";
import { newPerson } from "../person.ts";
import { ask, messageBox, signIn } from "./sign-in.ts";
import { visitsOfSuite } from "./suite.ts";

const Messages = z.object({ data: z.array(z.object({ role: z.string(), content: z.string() })) });

describe.skipIf(!HAS_BROWSER)("what two tabs said without a network", () => {
  const visit = visitsOfSuite();

  /** Two tabs on a new thread of somebody's, and what they hand to their sockets, by its ids. */
  async function open() {
    const person = await newPerson(inject("openaiUrl"));
    const thread = await person.newThread();
    const { page, complaints } = await visit(inject("openaiUrl"));
    const other = await page.context().newPage();
    const sent = new Map<string, string>();
    for (const each of [page, other]) recordSaid(each, sent);
    await signIn(page, person.email);
    for (const each of [page, other]) {
      await each.goto(`/t/${thread}`);
      await messageBox(each).waitFor();
      await each.getByText(/^Connecting/).waitFor({ state: "detached" });
    }
    /** What the thread holds of the person's, in its order. */
    async function said(): Promise<string[]> {
      const answer = await person.request("GET", `/api/threads/${thread}/messages`);
      const { data } = Messages.parse(await answer.json());
      return data.flatMap(({ role, content }) => (role === "user" ? [content] : []));
    }
    return { tabs: [page, other] as const, context: page.context(), sent, said, complaints };
  }

  test("is sent once, and in the order in which it was said", async () => {
    const { tabs, context, sent, said } = await open();
    const [one, other] = tabs;
    await goOffline(context, tabs);
    const words = ["The first", "The second", "The third", "The fourth"];
    for (const [at, content] of words.entries()) await ask(at % 2 === 0 ? one : other, content);
    for (const tab of tabs) expect(await waitingIn(tab)).toEqual(words);

    await context.setOffline(false);
    await expect.poll(said, { timeout: 60_000 }).toEqual(words);
    for (const tab of tabs) await expect.poll(() => waitingIn(tab)).toEqual([]);
    expect([...sent.values()]).toEqual(words);
    expect(await one.evaluate(() => JSON.stringify(localStorage))).not.toContain("The first");
  });

  test("is sent also where the tab that said it is gone", async () => {
    const { tabs, context, sent, said } = await open();
    const [one, other] = tabs;
    await goOffline(context, tabs);
    await ask(one, "Left behind");
    await ask(other, "Said after it");
    await one.close();
    await context.setOffline(false);
    await expect.poll(said, { timeout: 60_000 }).toEqual(["Left behind", "Said after it"]);
    expect([...sent.values()]).toEqual(["Left behind", "Said after it"]);
  });

  test("is taken back in one tab for both", async () => {
    const { tabs, context, sent, said } = await open();
    const [one, other] = tabs;
    await goOffline(context, tabs);
    await ask(one, "Thought better of");
    await ask(one, "Meant");
    await other.getByRole("button", { name: "Take back" }).first().click();
    await expect.poll(() => messageBox(other).inputValue()).toBe("Thought better of");
    await expect.poll(() => waitingIn(one)).toEqual(["Meant"]);
    await context.setOffline(false);
    await expect.poll(said, { timeout: 60_000 }).toEqual(["Meant"]);
    expect([...sent.values()]).toEqual(["Meant"]);
  });
});

/** Writes down each message that a tab hands to a socket; under one id it is one, however often it goes. */
function recordSaid(page: Page, sent: Map<string, string>): void {
  page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => {
      const command = Command.safeParse(JSON.parse(String(payload))).data;
      if (command?.type !== "user_message") return;
      sent.set(command.client_message_id ?? randomUUID(), command.content);
    }),
  );
}

async function goOffline(context: BrowserContext, tabs: readonly Page[]): Promise<void> {
  await context.setOffline(true);
  for (const tab of tabs) await tab.getByText(/^You are offline\./).waitFor();
}

async function waitingIn(page: Page): Promise<string[]> {
  return await page.locator("article.waiting .text").allTextContents();
}
