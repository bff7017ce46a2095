/** Every view, as a phone shows it in light and a desktop in dark, against the rules that a machine can check of WCAG 2.2 AA. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { HAS_BROWSER, launchBrowser } from "../browser.ts";
import { openPages, prepareScene, type Scene, show } from "./scene.ts";
import { SIZES, VIEWS, type View, ZOOMED } from "./views.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Both sizes, and both schemes, of which the contrast alone depends. */
const LOOKS = [
  [SIZES.phone, "light"],
  [SIZES.desktop, "dark"],
] as const;

describe.skipIf(!HAS_BROWSER)("anybody can use", () => {
  let browser: Browser;
  let scene: Scene;
  let pageOf: (view: View) => Page;

  beforeAll(async () => {
    const url = inject("demoUrl");
    [browser, scene] = await Promise.all([launchBrowser(), prepareScene(url)]);
    pageOf = await openPages(browser, url, scene);
  });
  afterAll(async () => {
    await browser?.close();
  });

  test.each(VIEWS.map((view): [string, View] => [view.name, view]))("%s", async (_, view) => {
    const page = pageOf(view);
    await page.setViewportSize(SIZES.phone);
    await show(page, view, scene);
    for (const [size, colorScheme] of LOOKS) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const { violations } = await axe(page, await isCovered(page)).analyze();
      const found = violations.map(({ id, nodes }) => ({
        id,
        where: nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary}`),
      }));
      expect(found, `${view.name}, ${colorScheme}, ${size.width} px wide`).toEqual([]);
      expect(await sidewaysScroll(page), `${size.width} px`).toBe(0);
    }
    await page.setViewportSize(ZOOMED);
    expect(await sidewaysScroll(page), "zoomed to 400 %").toBe(0);
  });
});

/** @returns whether the list of threads lies over the view, as on a phone: then the view is not there. */
async function isCovered(page: Page): Promise<boolean> {
  return (await page.locator("[inert] main").count()) > 0;
}

/** Sizes of targets (SC 2.5.8) are looked at only where one asks for it. */
function axe(page: Page, covered: boolean): AxeBuilder {
  const rules = {
    "target-size": { enabled: true },
    "landmark-one-main": { enabled: !covered },
  };
  return new AxeBuilder({ page }).options({ runOnly: RULES, rules });
}

/** @returns by how many pixels the page is wider than the window (SC 1.4.10). */
function sidewaysScroll(page: Page): Promise<number> {
  const width = (of: string) => `document.documentElement.${of}`;
  return page.evaluate<number>(`${width("scrollWidth")} - ${width("clientWidth")}`);
}
