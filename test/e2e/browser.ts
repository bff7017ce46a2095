/** A real Chromium, where one is installed; in CI one has to be. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Where Debian, Ubuntu and macOS put it. */
const PLACES = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const executablePath = PLACES.find((path) => path && existsSync(path));

/** Whether the page's tests can run. CI must not pass without them, so there they run and fail. */
export const HAS_BROWSER = executablePath !== undefined || process.env.CI !== undefined;

/** @param more arguments of Chromium's. */
export async function launchBrowser(...more: string[]): Promise<Browser> {
  if (executablePath === undefined) throw new Error(`No Chromium at any of: ${PLACES.join(", ")}`);
  const args = ["--disable-gpu", "--disable-background-networking"];
  return await chromium.launch({ executablePath, args: ["--no-sandbox", ...args, ...more] });
}

/** A page, and all that went wrong in it: a good one stays silent. */
export interface Visit {
  readonly page: Page;
  /** Uncaught errors and messages of the console at level error. */
  readonly complaints: readonly string[];
}

/** Opens a page of its own: own cookies, own storage. @param options as a phone has them. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const page = await (await browser.newContext({ ...options, baseURL: url })).newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return { page, complaints };
}
