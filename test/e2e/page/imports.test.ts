/** Imports in whose middle something comes between: what was stored counts, and nothing counts twice. */
import type { Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { HAS_BROWSER } from "../browser.ts";
import { faultsOf, visitsOfSuite } from "./suite.ts";
import { type HeldUpload, holdUpload, slowUpload } from "./uploads.ts";
import { fileOf, openUsage, record } from "./usage-view.ts";

describe.skipIf(!HAS_BROWSER)("an import", () => {
  const visit = visitsOfSuite();
  const open = () => openUsage(visit(inject("demoUrl")));

  describe("in the middle of whose upload", () => {
    /** The rows of the first batch, which are soon there; and what comes after them, which never is. */
    const SOON = 2_000;
    const lines = Array.from({ length: SOON + 500 }, (_, index) =>
      index < SOON + 100 ? record(index) : record(index).padEnd(30_000),
    );
    const month = fileOf("month.ndjson", lines);

    async function comeToTheMiddle() {
      const { page, complaints } = await open();
      await page.locator("input[type=file]").setInputFiles(month);
      const go = page.getByRole("button", { name: "Import 2,500 records" });
      await go.waitFor();
      const upload = await slowUpload(page, SOON, () => go.click());
      return { page, complaints, upload };
    }

    /** All of the file is there, and each record once. */
    async function assertWhole(page: Page) {
      await page.getByRole("heading", { name: "month.ndjson is imported" }).waitFor();
      const said = await page.getByRole("region", { name: "Import usage" }).innerText();
      expect(said.replaceAll(/\s+/g, " ")).toContain("New records 2,500");
      const records = page.getByRole("region", { name: "Your records" });
      await records.getByText("2,500", { exact: true }).waitFor();
    }

    test("one stops it, and goes on with it", async () => {
      const { page, complaints, upload } = await comeToTheMiddle();
      await page.getByRole("progressbar", { name: "Rows read" }).waitFor();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByText("The import is stopped.").waitFor();
      await upload.rests();
      await upload.speedUp();
      await page.getByRole("button", { name: "Go on" }).click();
      await assertWhole(page);
      expect(complaints).toEqual([]);
    });

    test("the page is loaded anew: what was stored counts, and the same file goes on", async () => {
      const { page, upload } = await comeToTheMiddle();
      await page.reload();
      await upload.speedUp();
      await page.getByText(/^The import was interrupted\./).waitFor();
      await page.getByText("2,000 of 2,500 rows").waitFor();
      const row = page.getByRole("region", { name: "Imports" }).getByRole("listitem");
      await row.getByText("Cut off").waitFor();
      const records = page.getByRole("region", { name: "Your records" });
      await records.getByText("2,000", { exact: true }).waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await page.locator("input[type=file]").setInputFiles(month);
      await assertWhole(page);
      await row.getByText("Complete", { exact: true }).waitFor();
    });
  });

  describe("whose page is loaded anew while the server still takes it", () => {
    /** Rows that are there when it is; and of them all, those that are not new records. */
    const SO_FAR = 4_000;
    const lines = Array.from({ length: 6_000 }, (_, index) => {
      if (index === 10 || index === 5_500) return `{ broken ${index}`;
      return index === 5_001 ? record(5_000) : record(index);
    });
    const [first, rest] = [lines.slice(0, SO_FAR + 100), lines.slice(SO_FAR + 100)];
    const held = [`${first.join("\n")}\n`, rest.join("\n")] as const;
    const month = fileOf("month.ndjson", lines);

    async function reloadInTheMiddle() {
      const { page } = await open();
      await page.locator("input[type=file]").setInputFiles(month);
      const go = page.getByRole("button", { name: "Import 5,997 records" });
      const holding = holdUpload(page, held, SO_FAR);
      await go.click();
      const upload = await holding;
      await page.reload();
      // Whether it is told as interrupted or as going on depends on whether its sender was heard of by then.
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
});
