/** Each view as it looks, in light and dark, on a phone and a desktop: to be looked at, under artefacts/page. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { HAS_BROWSER, launchBrowser } from "../browser.ts";
import { openPages, prepareScene, type Scene, show } from "./scene.ts";
import { SCHEMES, SIZES, VIEWS, type View } from "./views.ts";

const DIRECTORY = join(import.meta.dirname, "../../../artefacts/page");
/** A page without anything on it has a handful. */
const FEWEST_BYTE_VALUES = 32;
const WANTED = process.env.LONG !== undefined || process.env.SCREENSHOTS !== undefined;

describe.skipIf(!HAS_BROWSER || !WANTED)("there is something to see of", () => {
  let browser: Browser;
  let scene: Scene;
  let pageOf: (view: View) => Page;

  beforeAll(async () => {
    const url = inject("demoUrl");
    await mkdir(DIRECTORY, { recursive: true });
    [browser, scene] = await Promise.all([launchBrowser(), prepareScene(url)]);
    pageOf = await openPages(browser, url, scene);
    // Otherwise each list of threads would show a run under way.
    await scene.reportReady();
  });
  afterAll(async () => {
    await browser?.close();
  });

  test.each(VIEWS.map((view): [string, View] => [view.name, view]))("%s", async (name, view) => {
    const page = pageOf(view);
    await page.emulateMedia({ reducedMotion: "reduce" });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await show(page, view, scene);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        const path = join(DIRECTORY, `${name.replaceAll(/\W+/g, "-")}-${size}-${colorScheme}.png`);
        const png = await page.screenshot({ path, animations: "disabled" });
        expect(byteValues(png), path).toBeGreaterThan(FEWEST_BYTE_VALUES);
      }
    }
  });
});

/** @returns how many different bytes the picture's rows have: a PNG is chunks, of which IDAT are the rows. */
function byteValues(png: Buffer): number {
  const rows: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") {
      rows.push(png.subarray(at + 8, at + 8 + length));
    }
    at += length + 12;
  }
  return new Set(inflateSync(Buffer.concat(rows))).size;
}
