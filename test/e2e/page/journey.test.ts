/** A first-time user, with no hint but the page itself: from sign-up to a report, by touch or by keys alone. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { HAS_BROWSER, launchBrowser, visit } from "../browser.ts";
import { lastAnswer, messageBox } from "./sign-in.ts";
import { SIZES } from "./views.ts";

const QUESTION = "cut our AI costs by 30 % without hurting latency";
/** A whole team works for the answer, on a machine that others use. */
const PATIENCE = { timeout: 120_000 };
const RECORDS = 600;

/** What a person has to act on the page with. */
interface Hands {
  press(control: Locator): Promise<void>;
  write(field: Locator, text: string): Promise<void>;
}

function touch(): Hands {
  return { press: (control) => control.tap(), write: (field, text) => field.fill(text) };
}

/** More than any view has places to stop at. */
const MOST_TABS = 200;

/** Only keys: Tab to what can be reached so, arrows within a menu. */
function keys(page: Page): Hands {
  async function reach(control: Locator): Promise<void> {
    await control.waitFor();
    const role = await control.getAttribute("role");
    for (let presses = 0; presses < MOST_TABS; presses += 1) {
      if ((await control.and(page.locator(":focus")).count()) > 0) return;
      await page.keyboard.press(role === "menuitem" ? "ArrowDown" : "Tab");
    }
    throw new Error(`The keyboard does not reach ${control}`);
  }
  return {
    async press(control) {
      await reach(control);
      await page.keyboard.press("Enter");
    },
    async write(field, text) {
      await reach(field);
      await page.keyboard.type(text);
    },
  };
}

type Row = readonly [string, BrowserContextOptions, (page: Page) => Hands];
const JOURNEYS: readonly Row[] = [
  ["a phone, by touch", { viewport: SIZES.phone, hasTouch: true, isMobile: true }, touch],
  ["a desktop, by keys alone", { viewport: SIZES.desktop }, keys],
];

describe.skipIf(!HAS_BROWSER)("a new user comes from sign-up to a report", () => {
  test.each(JOURNEYS)("on %s", { timeout: 400_000 }, async (_, options, handsOf) => {
    // One of its own: the keys go to one window of a browser alone.
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const { page, complaints } = await visit(browser, inject("demoUrl"), options);
    const { press, write } = handsOf(page);
    const button = (name: string) => page.getByRole("button", { name, exact: true });

    await page.goto("/");
    await press(button("I am new here"));
    await write(page.getByRole("textbox", { name: "Email" }), `${randomUUID()}@example.com`);
    await write(page.getByLabel("Password", { exact: true }), "a long enough password");
    await press(button("Create account"));

    await page
      .getByRole("button", { name: /^(?:Show|Hide) the threads$/ })
      .first()
      .waitFor();
    if (await button("Show the threads").isVisible()) await press(button("Show the threads"));
    await press(page.getByRole("button", { name: /^Account of/ }));
    await press(page.getByRole("menuitem", { name: "Usage" }));
    const chooser = page.waitForEvent("filechooser");
    await press(button("Choose a file"));
    await (await chooser).setFiles(usageFile());
    await press(button(`Import ${RECORDS} records`));
    await page.getByRole("heading", { name: "usage.ndjson is imported" }).waitFor(PATIENCE);
    await press(
      page
        .getByRole("region", { name: "Import usage" })
        .getByRole("button", { name: "Ask about it" }),
    );

    await press(button("Stop"));
    await lastAnswer(page)
      .getByText(/^Stopped/)
      .waitFor(PATIENCE);
    await write(messageBox(page), QUESTION);
    await press(button("Send"));
    const answer = lastAnswer(page);
    await answer.getByText(/^Completed/).waitFor(PATIENCE);

    await press(answer.locator(".markdown button.figure").first());
    const evidence = page.locator(".evidence:popover-open");
    expect(await evidence.textContent()).toMatch(/Records/);
    await page.keyboard.press("Escape");

    await press(answer.getByRole("link", { name: "Open the report" }));
    const download = page.waitForEvent("download");
    await press(button("Markdown"));
    const report = await readFile(await (await download).path(), "utf8");
    expect(report).toMatch(/^# /);
    expect(complaints).toEqual([]);
  });
});

/** A month of calls by two teams, the dear model doing what the cheap one could. */
function usageFile() {
  const now = Date.now();
  const lines = Array.from({ length: RECORDS }, (_, index) =>
    JSON.stringify({
      record_id: `call-${index}`,
      ts: now - (index + 1) * 3_600_000,
      provider: "openai",
      request_model: index % 3 === 0 ? "gpt-5.4-mini" : "gpt-5.4",
      input_tokens: 2_000 + (index % 50) * 10,
      output_tokens: 200 + (index % 7) * 20,
      latency_ms: 900 + (index % 13) * 40,
      status: "ok",
      team: index % 2 === 0 ? "support" : "growth",
      feature: "chat",
    }),
  );
  return {
    name: "usage.ndjson",
    mimeType: "application/x-ndjson",
    buffer: Buffer.from(lines.join("\n")),
  };
}
