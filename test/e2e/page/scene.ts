/** Whose views are looked at, and the pages they are looked at in. */
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { z } from "zod";
import type { RunId, ThreadId } from "../../../src/protocol/ids.ts";
import { visit } from "../browser.ts";
import { newPerson } from "../person.ts";
import { signIn } from "./sign-in.ts";
import type { View } from "./views.ts";

/** Somebody who has used the product a little. */
export interface Scene {
  readonly email: string;
  /** With a question and its answer. */
  readonly answered: ThreadId;
  /** With an answer of the whole team's, and its report. */
  readonly reported: ThreadId;
  readonly report: RunId;
  /** Waits for the end of the team's run: until then there is no report. */
  reportReady(): Promise<unknown>;
  readonly empty: ThreadId;
  /** The address of a thread that was shared. */
  readonly shared: string;
}

/** For a whole team, on a machine that others use. */
const TEAM_MS = 150_000;

/** @returns somebody's threads, made over HTTP at the product under test. */
export async function prepareScene(url: string): Promise<Scene> {
  // An operator, so that their page is among the views.
  const person = await newPerson(url, undefined, { permissions: ["operator"] });
  const [answeredThread, reported, empty] = await Promise.all([
    person.newThread(),
    person.newThread(),
    person.newThread(),
  ]);
  const team = await person.say(reported, "cut our AI costs by 30 % without hurting latency");
  const { run_id } = await person.say(answeredThread, "Where does our money go, by team?");
  await person.ended(run_id);
  const share = await person.request("POST", `/api/threads/${answeredThread}/share`);
  const { path } = z.object({ path: z.string() }).parse(await share.json());
  return {
    email: person.email,
    answered: answeredThread,
    reported,
    report: team.run_id,
    reportReady: () => person.ended(team.run_id, TEAM_MS),
    empty,
    shared: path,
  };
}

/** Two pages of one browser's: a signed-out one, and one signed in as the scene's person. */
export async function openPages(browser: Browser, url: string, scene: Scene) {
  const [signedOut, signedIn] = [await visit(browser, url), await visit(browser, url)];
  await signIn(signedIn.page, scene.email);
  return (view: View) => (view.signedOut ? signedOut : signedIn).page;
}

/** What a view says that is not there yet: of that there is nothing to look at. */
const ON_ITS_WAY = /^(?:Loading|Connecting)…$/;

/** Comes to a view from wherever the page is. */
export async function show(page: Page, view: View, scene: Scene): Promise<void> {
  if (view.needsReport) await scene.reportReady();
  await page.goto(view.path(scene));
  await view.ready(page).waitFor();
  await view.open?.(page);
  await expect.poll(() => page.getByText(ON_ITS_WAY).count(), { timeout: 60_000 }).toBe(0);
}
