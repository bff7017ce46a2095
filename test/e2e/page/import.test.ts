/** An import that is left on its way: by looking at something else, or by a stop; and gone on with. */
import { randomUUID } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { HAS_BROWSER, launchBrowser, visit } from "../browser.ts";
import { signIn } from "./sign-in.ts";

/** Twenty batches: so that there is a middle to be left in. */
const ROWS = 40_000;

describe.skipIf(!HAS_BROWSER)("an import on its way", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  /** Somebody's usage view, with an import under way. */
  async function importing() {
    const { page, complaints } = await visit(browser, inject("demoUrl"));
    await signIn(page);
    await page.goto("/usage");
    await page.getByText("You have no records of your own yet.").waitFor();
    await page.locator("input[type=file]").setInputFiles(usageFile());
    const start = page.getByRole("button", { name: "Import 40,000 records" });
    await start.waitFor();
    await start.click();
    await page.getByRole("progressbar", { name: "Rows read" }).waitFor();
    return { page, complaints };
  }

  test("goes on while one looks at something else", async () => {
    const { page, complaints } = await importing();
    await page.getByRole("link", { name: "Apex Edge" }).first().click();
    await page.getByRole("heading", { name: "Where does the money go?" }).waitFor();
    await page.goBack();
    await finished(page);
    expect(complaints).toEqual([]);
  });

  test("is stopped with what is stored, goes on, and is taken back as a whole", async () => {
    const { page } = await importing();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("The import is stopped.").waitFor();
    await page.getByRole("button", { name: "Go on" }).click();
    await finished(page);
    await page.getByRole("button", { name: "Take it back" }).click();
    await page.getByRole("button", { name: "Delete its records" }).click();
    await page.getByText("You have no records of your own yet.").waitFor();
    await page.getByText("Drop a file here").waitFor();
  });
});

/** Waits for the end, and for every record to be there once. */
async function finished(page: Page): Promise<void> {
  await page.getByRole("heading", { name: "year.ndjson is imported" }).waitFor();
  const records = page.getByRole("region", { name: "Your records" });
  await records.getByText("40,000", { exact: true }).waitFor();
}

/** Records of two runs of this are never the same. */
function usageFile() {
  const run = randomUUID();
  const lines = Array.from({ length: ROWS }, (_, index) =>
    JSON.stringify({
      record_id: `${run}-${index}`,
      ts: Date.parse("2026-10-01T00:00:00Z") + index * 1_000,
      provider: "openai",
      request_model: "gpt-5-mini",
      input_tokens: 1_000,
      output_tokens: 100,
    }),
  );
  return {
    name: "year.ndjson",
    mimeType: "application/octet-stream",
    buffer: Buffer.from(lines.join("\n")),
  };
}
