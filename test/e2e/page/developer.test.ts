/** The panel for developers in a real browser, whose clipboard a page may write to, or may not. */
import type { Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { HAS_BROWSER } from "../browser.ts";
import { answered, ask, beginThread, signIn } from "./sign-in.ts";
import { visitsOfSuite } from "./suite.ts";

/** What is copied. */
const Copied = z.object({
  thread_id: z.string(),
  state: z.literal("open"),
  close_code: z.null(),
  reconnects: z.literal(0),
  frames: z.array(
    z.object({
      seq: z.number().nullable(),
      type: z.string(),
      frame: z.object({ type: z.string() }),
    }),
  ),
});

describe.skipIf(!HAS_BROWSER)("the events of a thread", () => {
  const visit = visitsOfSuite();

  async function open(...permissions: string[]) {
    const { page, complaints } = await visit(inject("demoUrl"), { permissions });
    await signIn(page);
    await beginThread(page);
    await ask(page, "Where does our money go, by team?");
    await answered(page);
    await page.keyboard.press("Control+Shift+D");
    const panel = page.getByRole("complementary", { name: "Events" });
    const copy = panel.getByRole("button", { name: "Copy as JSON" });
    return { page, complaints, panel, copy };
  }

  test("are copied as JSON, as they are shown, and lead to the thread they are of", async () => {
    const { page, complaints, panel, copy } = await open("clipboard-read", "clipboard-write");
    await panel.getByText("agent_completed", { exact: true }).waitFor();
    await copy.click();
    const said = await page.getByText(/^Copied \d+ frames\.$/).textContent();
    const copied = await clipboardOf(page);
    expect(said).toBe(`Copied ${copied.frames.length} frames.`);
    expect(page.url()).toContain(copied.thread_id);
    expect(copied.frames.every(({ type, frame }) => type === frame.type)).toBe(true);
    const types = ["connection_ready", "message_accepted", "agent_started", "agent_completed"];
    expect(copied.frames.map(({ type }) => type)).toEqual(expect.arrayContaining(types));

    await panel.getByRole("searchbox").fill("agent_completed");
    const lines = panel.getByRole("list", { name: "Frames" }).getByRole("listitem");
    await expect.poll(() => lines.count()).toBe(1);
    await copy.press("Enter");
    await page.getByText("Copied 1 frame.").waitFor();
    expect((await clipboardOf(page)).frames).toMatchObject([{ type: "agent_completed" }]);
    expect(complaints).toEqual([]);
  });

  test("say so where the browser does not let them be copied", async () => {
    const { page, copy } = await open("clipboard-read");
    await copy.click();
    await page.getByText("The browser does not let this page write to the clipboard.").waitFor();
  });
});

async function clipboardOf(page: Page) {
  return Copied.parse(JSON.parse(String(await page.evaluate("navigator.clipboard.readText()"))));
}
