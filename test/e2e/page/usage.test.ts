/** Usage in a real browser: files dropped and chosen, tried, taken in, and taken back. */
import type { Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { HAS_BROWSER } from "../browser.ts";
import { faultsOf, visitsOfSuite } from "./suite.ts";
import { openUsage, record } from "./usage-view.ts";

describe.skipIf(!HAS_BROWSER)("usage", () => {
  const visit = visitsOfSuite();

  const open = () => openUsage(visit(inject("demoUrl")));

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
    expect(await refused.textContent()).toContain("The row is not JSON. line 2");
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
