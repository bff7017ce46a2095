/**
 * Takes the picture that the README opens with, in light and dark: the team's answer about the sample
 * company, and its report, as two windows side by side.
 *
 * `npm run picture` starts the product by itself and writes docs/images/answer-{light,dark}.png.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launchBrowser, visit } from "../test/e2e/browser.ts";
import { answered, ask, beginThread, signIn } from "../test/e2e/page/sign-in.ts";
import { startProduct, temporaryState } from "../test/e2e/product.ts";

const DIRECTORY = join(import.meta.dirname, "../docs/images");
const QUESTION = "cut our AI costs by 30 % without hurting latency";
/** Of each window, in pixels; the picture is both, with space around them. */
const WINDOW = { width: 740, height: 980 };
const SPACE = 28;
const PATIENCE_MS = 180_000;
/** The ground that the windows stand on. */
const GROUNDS = { light: "#e4e8f0", dark: "#05070c" } as const;

await using running = new AsyncDisposableStack();
const state = await temporaryState();
running.defer(() => state.remove());
const product = await startProduct(state.path);
running.defer(async () => void (await product.stop()));
const browser = await launchBrowser();
running.defer(() => browser.close());

const { page } = await visit(browser, product.url, { viewport: WINDOW, reducedMotion: "reduce" });
page.setDefaultTimeout(PATIENCE_MS);
await signIn(page, "mira@example.com");
await beginThread(page);
await ask(page, QUESTION);
const answer = await answered(page);
const team = answer.getByText("How this answer is made");
await team.click();
await page.locator("article.user").scrollIntoViewIfNeeded();
await page.locator(".log-pill").waitFor({ state: "attached" });
const thread = await shoot();
await answer.getByRole("link", { name: "Open the report" }).click();
await page.locator("svg.recharts-surface").first().waitFor();
const report = await shoot();

await mkdir(DIRECTORY, { recursive: true });
for (const scheme of ["light", "dark"] as const) {
  const windows = [thread[scheme], report[scheme]].map(
    (png) => `<img src="data:image/png;base64,${png.toString("base64")}">`,
  );
  await page.setViewportSize({
    width: 2 * WINDOW.width + 3 * SPACE,
    height: WINDOW.height + 2 * SPACE,
  });
  await page.setContent(`<style>
    body { margin: 0; padding: ${SPACE}px; display: flex; gap: ${SPACE}px; background: ${GROUNDS[scheme]} }
    img { border-radius: 14px; outline: 1px solid #8884 }
  </style>${windows.join("")}`);
  await page.screenshot({ path: join(DIRECTORY, `answer-${scheme}.png`) });
}

/** @returns what the page shows, in both schemes. */
async function shoot(): Promise<Record<"light" | "dark", Buffer>> {
  await page.mouse.move(0, 0);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await page.screenshot({ animations: "disabled" });
  await page.emulateMedia({ colorScheme: "dark" });
  return { light, dark: await page.screenshot({ animations: "disabled" }) };
}
