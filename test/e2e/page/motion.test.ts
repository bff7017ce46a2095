/** Whoever asks their system for less motion sees none: nothing is animated, and nothing scrolls smoothly. */
import type { Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { HAS_BROWSER } from "../browser.ts";
import { scriptModel } from "../model-script.ts";
import { answered, ask, beginThread, lastAnswer, signIn } from "./sign-in.ts";
import { visitsOfSuite } from "./suite.ts";

/** Long enough to be seen at work, and longer than a window. */
const SLOW = { text: "A word and another.\n\n".repeat(40).trim(), piece: 40, pace_ms: 40 };

/** Writes down whatever takes time to move, from before the first script of the page. */
const WATCH = `(() => {
  globalThis.moves = [];
  const lasts = ({ effect }) => effect.getComputedTiming().activeDuration > 0;
  for (const type of ["animationstart", "transitionrun"]) {
    document.addEventListener(type, ({ target, animationName, propertyName }) => {
      const isMoving = target.getAnimations({ subtree: true }).some(lasts);
      if (isMoving) moves.push(type + " " + (animationName ?? propertyName));
    }, true);
  }
  for (const name of ["scroll", "scrollTo", "scrollBy", "scrollIntoView"]) {
    const plain = Element.prototype[name];
    Element.prototype[name] = function (...given) {
      if (given.some((each) => each?.behavior === "smooth")) moves.push("smooth " + name);
      return plain.apply(this, given);
    };
  }
})()`;

const SMOOTH = `[...document.querySelectorAll("*")]
  .filter((each) => getComputedStyle(each).scrollBehavior === "smooth").length`;

describe.skipIf(!HAS_BROWSER)("motion", () => {
  const visit = visitsOfSuite();

  /** @returns what moved, from the sign-in over a run at work to menus, dialogs and the settings. */
  async function walk(reducedMotion: "reduce" | "no-preference"): Promise<string[]> {
    await scriptModel([SLOW]);
    const { page } = await visit(inject("openaiUrl"), { reducedMotion });
    await page.addInitScript(WATCH);
    await signIn(page);
    await beginThread(page);
    await ask(page, "Take your time");
    await lastAnswer(page).getByText("A word and another.").first().waitFor();
    await lastAnswer(page).getByText("How this answer is made").click();
    await answered(page);
    await page.getByRole("button", { name: "Share…" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Account of/ }).click();
    expect(await page.evaluate(SMOOTH)).toBe(0);
    await page.getByRole("menuitem", { name: "Settings" }).click();
    await page.getByRole("heading", { name: "Profile", level: 2 }).waitFor();
    expect(await page.evaluate(SMOOTH)).toBe(0);
    return await movesOf(page);
  }

  test("is there for whoever does not mind it, and for nobody else", async () => {
    expect(await walk("no-preference")).not.toEqual([]);
    expect(await walk("reduce")).toEqual([]);
  });
});

async function movesOf(page: Page): Promise<string[]> {
  return z.array(z.string()).parse(await page.evaluate("[...new Set(moves)]"));
}
