/** Usage in a real browser: files dropped and chosen, tried, taken in, and taken back. */
import { randomUUID } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { HAS_BROWSER, launchBrowser, visit } from "../browser.ts";
import { faultsOf } from "./faults.ts";
import { type HeldUpload, holdUpload } from "./held-upload.ts";
import { signIn } from "./sign-in.ts";

describe.skipIf(!HAS_BROWSER)("usage", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function open() {
    const { page, complaints } = await visit(browser, inject("demoUrl"));
    await signIn(page);
    await page.goto("/usage");
    await page.getByText("You have no records of your own yet.").waitFor();
    return { page, complaints };
  }

  test("says of a file that is none why, and takes another", async () => {
    const { page } = await open();
    await drop(page, "holiday.csv", "place;weather\nSylt;rain\n");
    await page.getByRole("alert").waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Choose another file" }).click();
    await drop(page, "empty.csv", "");
    expect(await page.getByRole("alert").textContent()).toBe("This file is empty.");
  });

  test("sets rows aside with their reasons, and stores what is left", async () => {
    const { page, complaints } = await open();
    await drop(page, "calls.ndjson", [record(0), "{ broken", record(1), record(1)].join("\n"));
    await page.getByRole("heading", { name: "Preview of calls.ndjson" }).waitFor();
    const view = page.getByRole("main");
    expect(await view.textContent()).toContain("Apex Edge records");
    const refused = page.getByRole("region", { name: "Set aside, and why" });
    expect(await refused.textContent()).toContain("line 2");
    expect(await faultsOf(page)).toEqual([]);

    await page.getByRole("button", { name: "Import 2 records" }).click();
    await page.getByRole("heading", { name: "calls.ndjson is imported" }).waitFor();
    expect(await refused.textContent()).toContain("1 ×");
    await page.getByText("You have no records of your own yet.").waitFor({ state: "detached" });
    expect(await faultsOf(page)).toEqual([]);

    const imports = page.getByRole("region", { name: "Imports" });
    const row = imports.getByRole("listitem");
    await row.getByText("calls.ndjson").waitFor();
    expect(await row.textContent()).toMatch(/Complete.*2 records accepted, 1 row set aside/);
    await row.getByRole("button", { name: "Take it back: calls.ndjson" }).press("Enter");
    await page.getByRole("button", { name: "Delete its records" }).press("Enter");
    await imports.getByText("Nothing of calls.ndjson is left.").waitFor();
    await imports.getByText("Nothing was imported yet.").waitFor();
    await page.getByText("You have no records of your own yet.").waitFor();
    // What was taken back here is not offered to be taken back again.
    await page.getByText("Drop a file here").waitFor();
    expect(complaints).toEqual([]);
  });

  test("stops an import on its way, and goes on with it", async () => {
    const { page, complaints } = await open();
    // Held where the network would hold it, so that the end comes in the middle.
    const onItsWay = Promise.withResolvers<void>();
    await page.route(/imports\?import_id=/, () => onItsWay.resolve(), { times: 1 });
    const lines = Array.from({ length: 2_500 }, (_, index) => record(index));
    await page.locator("input[type=file]").setInputFiles({
      name: "month.ndjson",
      mimeType: "application/octet-stream",
      buffer: Buffer.from(lines.join("\n")),
    });
    await page.getByRole("button", { name: "Import 2,500 records" }).click();
    await page.getByRole("progressbar", { name: "Rows read" }).waitFor();
    await onItsWay.promise;
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("The import is stopped.").waitFor();
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("heading", { name: "month.ndjson is imported" }).waitFor();
    const records = page.getByRole("region", { name: "Your records" });
    await records.getByText("2,500", { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  describe("whose page is loaded anew in the middle", () => {
    /** Rows that are there when it is; and of them all, those that are not new records. */
    const SO_FAR = 4_000;
    const lines = Array.from({ length: 6_000 }, (_, index) => {
      if (index === 10 || index === 5_500) return `{ broken ${index}`;
      return index === 5_001 ? record(5_000) : record(index);
    });
    const [first, rest] = [lines.slice(0, SO_FAR + 100), lines.slice(SO_FAR + 100)];
    const held = [`${first.join("\n")}\n`, rest.join("\n")] as const;
    const month = {
      name: "month.ndjson",
      mimeType: "application/octet-stream",
      buffer: Buffer.from(lines.join("\n")),
    };

    async function reloadInTheMiddle() {
      const { page } = await open();
      await page.locator("input[type=file]").setInputFiles(month);
      const go = page.getByRole("button", { name: "Import 5,997 records" });
      const holding = holdUpload(page, held, SO_FAR);
      await go.click();
      const upload = await holding;
      await page.reload();
      await page.getByText(/^The import was interrupted\./).waitFor();
      await page.getByText("4,000 of 6,000 rows").waitFor();
      return { page, upload };
    }

    /** Everything of the file once: in the receipt, in what is there, and in what was set aside. */
    async function assertWhole(page: Page, upload: HeldUpload) {
      const result = page.getByRole("heading", { name: "month.ndjson is imported" });
      await result.waitFor();
      const said = await page.getByRole("region", { name: "Import usage" }).innerText();
      expect(said.replaceAll(/\s+/g, " ")).toContain(
        "New records 5,997 Repeated rows 1 Rows set aside 2",
      );
      const records = page.getByRole("region", { name: "Your records" });
      await records.getByText("5,997", { exact: true }).waitFor();
      const { data } = Object(await upload.ask("/api/usage/quarantine"));
      expect(data).toHaveLength(2);
    }

    test("is told of its end, where it goes on", async () => {
      const { page, upload } = await reloadInTheMiddle();
      await upload.release();
      await assertWhole(page, upload);
      expect(await faultsOf(page)).toEqual([]);
    });

    test("goes on with the same file, and counts nothing twice", async () => {
      const { page, upload } = await reloadInTheMiddle();
      await page.locator("input[type=file]").setInputFiles(month);
      await assertWhole(page, upload);
      // What was still on its way arrives after all.
      await upload.release();
      await page.reload();
      await page.getByText("Drop a file here").waitFor();
      const records = page.getByRole("region", { name: "Your records" });
      await records.getByText("5,997", { exact: true }).waitFor();
    });
  });

  test("leads to an answer about it", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: "Ask about it" }).click();
    await page.getByText("Where does our money go, and where could we save?").first().waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/t\//);
  });

  test("keeps a price by contract until it is removed", async () => {
    const { page, complaints } = await open();
    await page.getByText("Add a price", { exact: true }).click();
    const form = page.getByRole("form", { name: "Add a price" });
    await form.getByRole("textbox", { name: "Provider" }).fill("openai");
    await form.getByRole("textbox", { name: "Model" }).fill("gpt-5*");
    for (const rate of ["Input", "Cached input", "Written to the cache", "Output"]) {
      await form.getByRole("textbox", { name: rate, exact: true }).fill("1.25");
    }
    await form.getByRole("button", { name: "Add price" }).click();
    expect(
      await form
        .getByRole("textbox", { name: "Where it is written down" })
        .getAttribute("aria-invalid"),
    ).toBe("true");
    await form.getByRole("textbox", { name: "Where it is written down" }).fill("Contract 12");
    await form.getByRole("button", { name: "Add price" }).click();
    await page.getByText("The price counts from now on.").waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Remove the price of gpt-5*" }).click();
    await page.getByRole("button", { name: "Remove price" }).click();
    await page.getByText("You have set no prices.").waitFor();
    expect(complaints).toEqual([]);
  });
});

/** A call of a model, as Apex Edge's own records tell of one. */
function record(index: number): string {
  return JSON.stringify({
    record_id: `${FILE}-${index}`,
    ts: Date.parse("2026-10-01T00:00:00Z") + index * 1_000,
    provider: "openai",
    request_model: "gpt-5-mini",
    input_tokens: 1_000,
    output_tokens: 100,
  });
}

/** Records of two runs of this file are never the same. */
const FILE = randomUUID();

/** Drops a file onto the view, as from the desktop. */
async function drop(page: Page, name: string, content: string): Promise<void> {
  const given = [content, name].map((each) => JSON.stringify(each));
  const files = await page.evaluateHandle(`(() => {
    const held = new DataTransfer();
    held.items.add(new File([${given.join("], ")}));
    return held;
  })()`);
  await page.locator(".usage").dispatchEvent("dragover", { dataTransfer: files });
  await page.locator(".usage").dispatchEvent("drop", { dataTransfer: files });
}
