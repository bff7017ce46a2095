/** What the page may weigh: its scripts as a browser really loads them, and what a long thread puts into the document. */
import { gzipSync } from "node:zlib";
import type { Locator, Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { HAS_BROWSER } from "../browser.ts";
import { newPerson, type Person } from "../person.ts";
import { messageBox, signIn } from "./sign-in.ts";
import { visitsOfSuite } from "./suite.ts";

/** Of compressed script, in bytes, at sign-in and at a thread with an answer. */
const FIRST_LOAD = 200_000;
/** Of compressed style. */
const STYLES = 30_000;
/** Each is a way to the server and back before there is something to see. */
const MOST_FILES = 25;
const TURNS = 40;
/** Messages in the document at once: what is in sight, and a little around it. */
const MOST_MESSAGES = 40;

/** Goes to a view, and weighs all that the browser loads until it stands. */
async function expectLight(page: Page, go: () => Promise<unknown>, stands: Locator): Promise<void> {
  const loaded = recordFiles(page);
  await go();
  await stands.waitFor();
  const scripts = await weigh(loaded, "script");
  const styles = await weigh(loaded, "stylesheet");
  const files = [...scripts.keys(), ...styles.keys()];
  console.log("First load, bytes of gzip:", Object.fromEntries([...scripts, ...styles]));
  expect(sum(scripts)).toBeLessThan(FIRST_LOAD);
  expect(sum(styles)).toBeLessThan(STYLES);
  expect(files.length).toBeLessThan(MOST_FILES);
  expect(files.join()).not.toMatch(
    /settings|usage|operator|runbooks|shared|developer-panel|chart|docs/,
  );
}

describe.skipIf(!HAS_BROWSER)("the page stays light:", () => {
  const visit = visitsOfSuite();

  test("sign-in and a thread's view load little script, and nothing that only other views need", async () => {
    const person = await newPerson(inject("demoUrl"));
    const thread = await person.newThread();
    const { run_id } = await person.say(thread, "Where does our money go, by team?");
    await person.ended(run_id);

    const { page } = await visit(inject("demoUrl"));
    await expectLight(page, () => page.goto("/"), page.getByRole("textbox", { name: "Email" }));
    await signIn(page, person.email);
    const answer = page.getByText(/^Completed/);
    await expectLight(page, () => page.goto(`/t/${thread}`), answer.first());
  });

  test("a long thread has in the document what is in sight", async () => {
    const person = await newPerson(inject("openaiUrl"));
    const thread = await longThread(person);
    const { page } = await visit(inject("openaiUrl"));
    await signIn(page, person.email);
    await page.goto(`/t/${thread}`);
    await messageBox(page).waitFor();
    await page.getByText(`Question ${TURNS}.`, { exact: true }).waitFor();
    expect(await page.getByRole("article").count()).toBeLessThan(MOST_MESSAGES);
  });
});

/** @returns the addresses of what a page loads from now on, by kind. */
function recordFiles(page: Page): ReadonlyMap<string, string> {
  const kinds = new Map<string, string>();
  page.on("response", (response) => {
    kinds.set(response.url(), response.request().resourceType());
  });
  return kinds;
}

/** @returns the compressed size of each file of a kind, by its path. */
async function weigh(
  files: ReadonlyMap<string, string>,
  wanted: string,
): Promise<ReadonlyMap<string, number>> {
  const urls = [...files].flatMap(([url, kind]) => (kind === wanted ? [url] : []));
  const sizes = urls.map(async (url): Promise<[string, number]> => {
    const body = await (await fetch(url)).bytes();
    return [new URL(url).pathname, gzipSync(body).length];
  });
  return new Map(await Promise.all(sizes));
}

function sum(sizes: ReadonlyMap<string, number>): number {
  return [...sizes.values()].reduce((total, size) => total + size, 0);
}

async function longThread(person: Person) {
  const thread = await person.newThread();
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const { run_id } = await person.say(thread, `Question ${turn}.`);
    await person.ended(run_id);
  }
  return thread;
}
