/**
 * Takes the picture that the README opens with, in light and dark: the page, a moment after the team has
 * answered about the sample company, with how the answer was made and the report beside it.
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
/** As a README shows it on a wide screen, at its full sharpness. */
const VIEW = { viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" } as const;
const PATIENCE_MS = 180_000;

await using running = new AsyncDisposableStack();
const state = await temporaryState();
running.defer(() => state.remove());
const product = await startProduct(state.path);
running.defer(async () => void (await product.stop()));
const browser = await launchBrowser();
running.defer(() => browser.close());

const { page } = await visit(browser, product.url, VIEW);
page.setDefaultTimeout(PATIENCE_MS);
await signIn(page, "mira@example.com");
await beginThread(page);
await ask(page, QUESTION);
const answer = await answered(page);
await answer.getByText("How this answer is made").click();
await answer.getByRole("link", { name: "Open the report" }).click();
await page.locator("svg.recharts-surface").first().waitFor();

await mkdir(DIRECTORY, { recursive: true });
for (const colorScheme of ["light", "dark"] as const) {
  await page.emulateMedia({ colorScheme });
  await page.screenshot({ path: join(DIRECTORY, `answer-${colorScheme}.png`) });
}
