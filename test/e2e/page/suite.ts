/** What a suite of the page runs in: a browser from its first test to after its last, and axe beside it. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { HAS_BROWSER, launchBrowser, type Visit, visit } from "../browser.ts";

/** @returns how the tests of the suite that calls it open a page, each its own: own cookies, own storage. */
export function visitsOfSuite() {
  let browser: Browser;
  beforeAll(async () => {
    if (HAS_BROWSER) browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });
  return (url: string, options: BrowserContextOptions = {}): Promise<Visit> =>
    visit(browser, url, options);
}

/** @returns what axe finds wrong in the view, whatever stands around it. */
export async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include("main").analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
