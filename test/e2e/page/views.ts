/** Every view of the page, and how to come to it: one more view is one more row here. */
import { randomUUID } from "node:crypto";
import type { Locator, Page } from "playwright-core";
import type { Scene } from "./scene.ts";
import { answered, messageBox } from "./sign-in.ts";

export interface View {
  readonly name: string;
  /** Shown to whoever is signed in, unless this says otherwise. */
  readonly signedOut?: boolean;
  /** Last of all, for the team takes its time. */
  readonly needsReport?: boolean;
  path(scene: Scene): string;
  /** There once the view is. */
  ready(page: Page): Locator;
  /** What to do before there is something to see. */
  open?(page: Page): Promise<unknown>;
}

const button = (page: Page, name: string | RegExp) =>
  page.getByRole("button", { name, exact: typeof name === "string" });
const title = (page: Page) => page.getByRole("main").getByRole("heading").first();
const SECTIONS = [
  "profile",
  "sessions",
  "keys",
  "servers",
  "webhooks",
  "limits",
  "budget",
  "team",
  "data",
] as const;

export const VIEWS: readonly View[] = [
  { name: "sign-in", signedOut: true, path: () => "/", ready: (page) => button(page, "Sign in") },
  {
    name: "sign-in refused",
    signedOut: true,
    path: () => "/",
    ready: (page) => button(page, "Sign in"),
    async open(page) {
      await page.getByRole("textbox", { name: "Email" }).fill("nobody@example.com");
      await page.getByLabel("Password", { exact: true }).fill("not my password");
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
  { name: "home", path: () => "/", ready: title },
  {
    name: "threads searched",
    path: () => "/",
    ready: title,
    async open(page) {
      await openSide(page);
      await page.getByRole("searchbox", { name: "Search" }).fill("money");
      await page.getByText(/found$/).waitFor();
    },
  },
  {
    name: "account menu",
    path: () => "/",
    ready: title,
    async open(page) {
      await openSide(page);
      await button(page, /^Account of/).click();
    },
  },
  {
    name: "empty thread",
    path: ({ empty }) => `/t/${empty}`,
    ready: (page) => page.getByText("What would you like to know?"),
  },
  { name: "answer", path: (scene) => `/t/${scene.answered}`, ready: messageBox, open: answered },
  {
    name: "run unfolded",
    path: (scene) => `/t/${scene.answered}`,
    ready: messageBox,
    async open(page) {
      const answer = await answered(page);
      await answer.getByText("How this answer is made").click();
      await answer.locator(".timeline details > summary").first().click();
    },
  },
  {
    name: "evidence",
    path: (scene) => `/t/${scene.answered}`,
    ready: messageBox,
    async open(page) {
      const answer = await answered(page);
      await answer.locator(".markdown button.figure").first().click();
      await page.locator(".evidence:popover-open").waitFor();
    },
  },
  {
    name: "thread menu",
    path: (scene) => `/t/${scene.answered}`,
    ready: messageBox,
    async open(page) {
      await answered(page);
      await button(page, /^Options of/)
        .last()
        .click();
    },
  },
  {
    name: "share",
    path: (scene) => `/t/${scene.answered}`,
    ready: messageBox,
    async open(page) {
      await button(page, "Share…").click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "developer panel",
    path: (scene) => `/t/${scene.answered}`,
    ready: messageBox,
    async open(page) {
      await answered(page);
      await page.keyboard.press("Control+Shift+D");
      const panel = page.getByRole("complementary", { name: "Events" });
      await panel.getByText("connection_ready").click();
    },
  },
  {
    name: "no such thread",
    path: () => `/t/${randomUUID()}`,
    ready: (page) => page.getByRole("main").getByRole("alert"),
  },
  ...SECTIONS.map(
    (section): View => ({
      name: `settings ${section}`,
      path: () => `/settings/${section}`,
      ready: title,
    }),
  ),
  { name: "usage", path: () => "/usage", ready: title },
  {
    name: "usage previewed",
    path: () => "/usage",
    ready: title,
    async open(page) {
      const lines = [JSON.stringify(RECORD), "{ broken"].join("\n");
      await page.locator("input[type=file]").setInputFiles({
        name: "calls.ndjson",
        mimeType: "application/x-ndjson",
        buffer: Buffer.from(lines),
      });
      await page.getByRole("heading", { name: "Preview of calls.ndjson" }).waitFor();
    },
  },
  {
    name: "operations",
    path: () => "/operator",
    ready: (page) => page.getByRole("row", { name: /^Answered/ }),
  },
  { name: "runbooks", path: () => "/operator/runbooks#outbox.postponed", ready: title },
  { name: "shared", signedOut: true, path: ({ shared }) => shared, ready: title },
  {
    name: "shared no more",
    signedOut: true,
    path: () => `/s/${randomUUID()}`,
    ready: title,
  },
  {
    name: "team at work",
    needsReport: true,
    path: (scene) => `/t/${scene.reported}`,
    ready: messageBox,
    async open(page) {
      const answer = await answered(page);
      await answer.getByText("How this answer is made").click();
    },
  },
  {
    name: "report",
    needsReport: true,
    path: (scene) => `/t/${scene.reported}?report=${encodeURIComponent(scene.report)}`,
    ready: (page) => page.locator("svg.recharts-surface").first(),
  },
];

const RECORD = {
  record_id: "one",
  ts: Date.UTC(2026, 9, 1),
  provider: "openai",
  request_model: "gpt-5.4",
  input_tokens: 1_000,
  output_tokens: 100,
};

/** On a phone the list of threads lies behind a button. */
export async function openSide(page: Page): Promise<void> {
  const toggle = button(page, "Show the threads");
  if (await toggle.isVisible()) await toggle.click();
}

/** Both sizes that the page is drawn for. */
export const SIZES = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
} as const;
/** What is left of a desktop after zooming to 400 % (WCAG 1.4.10). */
export const ZOOMED = { width: 320, height: 640 };

export const SCHEMES = ["light", "dark"] as const;
