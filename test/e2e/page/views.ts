/** Every view of the page, and how to come to it: one more view is one more row here. */
import { randomUUID } from "node:crypto";
import type { Browser, Locator, Page } from "playwright-core";
import type { ThreadId } from "../../../src/protocol/ids.ts";
import { visit } from "../browser.ts";
import { newPerson } from "../person.ts";
import { answered, messageBox, signIn } from "./sign-in.ts";

/** Somebody who has used the product a little. */
export interface Scene {
  readonly email: string;
  /** With a question and its answer. */
  readonly answered: ThreadId;
  readonly empty: ThreadId;
}

export interface View {
  readonly name: string;
  /** Shown to whoever is signed in, unless this says otherwise. */
  readonly signedOut?: boolean;
  path(scene: Scene): string;
  /** There once the view is. */
  ready(page: Page): Locator;
  /** What to do before there is something to see. */
  open?(page: Page): Promise<unknown>;
}

const button = (page: Page, name: string | RegExp) =>
  page.getByRole("button", { name, exact: typeof name === "string" });
const heading = (name: string | RegExp) => (page: Page) => page.getByRole("heading", { name });

export const VIEWS: readonly View[] = [
  {
    name: "sign-in",
    signedOut: true,
    path: () => "/",
    ready: (page) => button(page, "Sign in"),
  },
  {
    name: "sign-in refused",
    signedOut: true,
    path: () => "/",
    ready: (page) => button(page, "Sign in"),
    async open(page) {
      await button(page, "Sign in").click();
      await page.getByRole("alert").first().waitFor();
    },
  },
  {
    name: "new account",
    signedOut: true,
    path: () => "/",
    ready: (page) => button(page, "I am new here"),
    open: (page) => button(page, "I am new here").click(),
  },
  { name: "home", path: () => "/", ready: (page) => button(page, "New thread") },
  {
    name: "empty thread",
    path: ({ empty }) => `/t/${empty}`,
    ready: messageBox,
  },
  {
    name: "answer",
    path: (scene) => `/t/${scene.answered}`,
    ready: messageBox,
    open: answered,
  },
  {
    name: "run unfolded",
    path: (scene) => `/t/${scene.answered}`,
    ready: messageBox,
    async open(page) {
      const answer = await answered(page);
      await answer.getByText("How this answer is made").click();
      await answer.locator("details details > summary").first().click();
    },
  },
  {
    name: "evidence",
    path: (scene) => `/t/${scene.answered}`,
    ready: messageBox,
    async open(page) {
      const answer = await answered(page);
      await answer.locator("button.figure").first().click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "rename",
    path: (scene) => `/t/${scene.answered}`,
    ready: messageBox,
    open: (page) => button(page, "Rename").click(),
  },
  {
    name: "delete",
    path: (scene) => `/t/${scene.answered}`,
    ready: messageBox,
    open: (page) => button(page, "Delete").click(),
  },
  {
    name: "developer panel",
    path: (scene) => `/t/${scene.answered}`,
    ready: messageBox,
    async open(page) {
      await answered(page);
      await page.keyboard.press("Control+Shift+D");
      await page
        .getByRole("complementary", { name: "Events" })
        .getByText("connection_ready")
        .click();
    },
  },
  {
    name: "no such thread",
    path: () => `/t/${randomUUID()}`,
    ready: (page) => page.getByRole("main").getByRole("alert"),
  },
  { name: "settings", path: () => "/settings", ready: heading("Settings") },
  { name: "usage", path: () => "/usage", ready: heading("Usage") },
  {
    name: "shared, but no more",
    signedOut: true,
    path: () => `/s/${randomUUID()}`,
    ready: heading("Shared conversation"),
  },
];

/** Both sizes that the page is drawn for. */
export const SIZES = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
} as const;

export const SCHEMES = ["light", "dark"] as const;

/** @returns somebody's threads, made over HTTP at the product under test. */
export async function prepareScene(url: string): Promise<Scene> {
  const person = await newPerson(url);
  const [answeredThread, empty] = [await person.newThread(), await person.newThread()];
  const { run_id } = await person.say(answeredThread, "Where does our money go, by team?");
  await person.ended(run_id);
  return { email: person.email, answered: answeredThread, empty };
}

/** Two pages of one browser's: a signed-out one, and one signed in as the scene's person. */
export async function openPages(browser: Browser, url: string, scene: Scene) {
  const [signedOut, signedIn] = [await visit(browser, url), await visit(browser, url)];
  await signIn(signedIn.page, scene.email);
  return (view: View) => (view.signedOut ? signedOut : signedIn).page;
}

/** Comes to a view from wherever the page is. */
export async function show(page: Page, view: View, scene: Scene): Promise<void> {
  await page.goto(view.path(scene));
  await view.ready(page).waitFor();
  await view.open?.(page);
}
