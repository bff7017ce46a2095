/** An import that is left on its way: by looking at something else, by a reload, by a stop; and gone on with. */
import { randomUUID } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { HAS_BROWSER, launchBrowser, visit } from "../browser.ts";
import { signIn } from "./sign-in.ts";

/** Eighty batches, which take some seconds: so that there is a middle to be caught in. */
const ROWS = 160_000;

describe.skipIf(!HAS_BROWSER)("an import on its way", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  /** Somebody's usage view, with an import under way of which some is stored. */
  async function importing() {
    const { page, complaints } = await visit(browser, inject("demoUrl"));
    await signIn(page);
    await page.goto("/usage");
    await page.getByText("You have no records of your own yet.").waitFor();
    const file = usageFile();
    await page.locator("input[type=file]").setInputFiles(file);
    const start = page.getByRole("button", { name: "Import 160,000 records" });
    await start.waitFor();
    await start.click();
    await stored(page);
    return { page, complaints, file };
  }

  test("goes on while one looks at something else", async () => {
    const { page, complaints } = await importing();
    await page.getByRole("link", { name: "Apex Edge" }).first().click();
    await page.getByRole("heading", { name: "Where does the money go?" }).waitFor();
    await page.goBack();
    await page.getByRole("progressbar", { name: "Rows read" }).waitFor();
    await finished(page);
    expect(complaints).toEqual([]);
  });

  test("is told of after a reload, and the same file goes on where it was", async () => {
    const { page, file } = await importing();
    await page.reload();
    await page.getByText("The import was interrupted.").waitFor();
    await page.getByText(/^[\d,]+ of 160,000 rows$/).waitFor();
    await page.locator("input[type=file]").setInputFiles(file);
    await finished(page);
    await page.reload();
    await page.getByText("Drop a file here").waitFor();
    expect(await page.getByText("The import was interrupted.").count()).toBe(0);
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

/** Waits until a batch is stored, and not yet all. */
async function stored(page: Page): Promise<void> {
  await page.locator("progress:not([value='0'])[max='160000']").waitFor();
}

/** Waits for the end, and for every record to be there once. */
async function finished(page: Page): Promise<void> {
  await page.getByRole("heading", { name: "year.ndjson is imported" }).waitFor();
  const records = page.getByRole("region", { name: "Your records" });
  await records.getByText("160,000", { exact: true }).waitFor();
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
