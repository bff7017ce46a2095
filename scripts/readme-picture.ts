/**
 * Takes the picture that the README opens with, in light and dark: the team's answer about the sample
 * company, and its report, as two windows side by side.
 *
 * `npm run picture` starts the product by itself and writes docs/images/answer-{light,dark}.png.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { launchBrowser, visit } from "../test/e2e/browser.ts";
import { answered, ask, beginThread, signIn } from "../test/e2e/page/sign-in.ts";
import { startProduct, temporaryState } from "../test/e2e/product.ts";

const DIRECTORY = join(import.meta.dirname, "../docs/images");
const QUESTION = "cut our AI costs by 30 % without hurting latency";
/** Of each window, in pixels; the picture is both, with space around them. */
const WINDOW = { width: 740, height: 940 };
/** So tall that an answer is seen from its question on; the picture has the upper part of it. */
const TALL = 2_600;
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
await answer.getByText("How this answer is made").click();
await page.setViewportSize({ ...WINDOW, height: TALL });
await page.locator("article.user").scrollIntoViewIfNeeded();
const thread = await shoot();
await page.setViewportSize(WINDOW);
await answer.getByRole("link", { name: "Open the report" }).click();
await page.locator("svg.recharts-surface").first().waitFor();
const report = await shoot();

await mkdir(DIRECTORY, { recursive: true });
// A page of its own: the product's lets nothing have styles but its own files.
const album = await browser.newPage();
for (const scheme of ["light", "dark"] as const) {
  const windows = [thread[scheme], report[scheme]].map(
    (png) => `<img src="data:image/png;base64,${png.toString("base64")}">`,
  );
  await album.setViewportSize({
    width: 2 * WINDOW.width + 3 * SPACE,
    height: WINDOW.height + 2 * SPACE,
  });
  await album.setContent(`<style>
    body { margin: 0; padding: ${SPACE}px; display: flex; gap: ${SPACE}px; background: ${GROUNDS[scheme]} }
    img { border-radius: 14px; outline: 1px solid #8884 }
  </style>${windows.join("")}`);
  const png = recompressed(await album.screenshot());
  await writeFile(join(DIRECTORY, `answer-${scheme}.png`), png);
}

/** @returns pictures of the page in both colour schemes. */
async function shoot(): Promise<Record<"light" | "dark", Buffer>> {
  await page.mouse.move(0, 0);
  await page.emulateMedia({ colorScheme: "light" });
  const shown = { animations: "disabled", clip: { x: 0, y: 0, ...WINDOW } } as const;
  const light = await page.screenshot(shown);
  await page.emulateMedia({ colorScheme: "dark" });
  return { light, dark: await page.screenshot(shown) };
}

/** @returns the same picture in fewer bytes: the browser packs it in haste. A PNG is chunks, of which IDAT are the rows. */
function recompressed(png: Buffer): Buffer {
  const SIGNATURE = 8;
  const AROUND = 12;
  const rows: Buffer[] = [];
  const others: Buffer[] = [];
  for (let at = SIGNATURE; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const chunk = png.subarray(at, at + AROUND + length);
    if (chunk.toString("latin1", 4, 8) === "IDAT") rows.push(chunk.subarray(8, 8 + length));
    else others.push(chunk);
    at += AROUND + length;
  }
  const packed = deflateSync(inflateSync(Buffer.concat(rows)), { level: 9, memLevel: 9 });
  const named = Buffer.concat([Buffer.from("IDAT", "latin1"), packed]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(packed.length);
  sum.writeUInt32BE(crc32(named));
  const [header = Buffer.alloc(0), ...rest] = others;
  return Buffer.concat([png.subarray(0, SIGNATURE), header, length, named, sum, ...rest]);
}
