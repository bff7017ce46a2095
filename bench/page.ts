/**
 * What the page costs in a browser: paint and input delay on a slow processor, frames while an answer
 * streams into a long thread, memory over many runs.
 *
 * `npm run bench:page` starts the product by itself, with a model endpoint that answers at once or at
 * 100 deltas a second, and a headless Chromium whose processor is slowed down four times where it
 * says so. All figures are the browser's own (PerformanceObserver, frames as they come, the
 * collected heap). Without a display a frame is 16.7 ms; one that took more than 25 has left out another.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { z } from "zod";
import type { ThreadId } from "../src/protocol/ids.ts";
import { launchBrowser, visit } from "../test/e2e/browser.ts";
import { ask, messageBox, signIn } from "../test/e2e/page/sign-in.ts";
import { newPerson, type Person } from "../test/e2e/person.ts";
import {
  openaiSettings,
  startProduct,
  temporaryState,
  WITHOUT_USAGE,
} from "../test/e2e/product.ts";
import { startModelServer } from "../test/model-server/main.ts";
import { printSpread } from "./report.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "1000" },
    runs: { type: "string", default: "200" },
  },
});
const KEY = "bench";
const SLOWER = 4;
/** Characters of the answer that streams: ten seconds of it. */
const STREAMED = "The cost of a request is its tokens times their price. ".repeat(146).trim();
const DROPPED_MS = 25;
const TYPED = "where does our money go, by team and by feature?";

const Observed = z.object({
  paint: z.number(),
  delays: z.array(z.number()),
  longTasks: z.array(z.number()),
  frames: z.array(z.number()),
});

await using running = new AsyncDisposableStack();
const state = await temporaryState();
running.defer(() => state.remove());
const model = await startModelServer();
running.defer(() => model.close());
const { url, stop } = await startProduct(state.path, {
  ...WITHOUT_USAGE,
  ...openaiSettings(model.url, KEY),
});
running.defer(async () => void (await stop()));
const browser = await launchBrowser("--js-flags=--expose-gc");
running.defer(() => browser.close());

console.log(`${cpus().length} × ${cpus()[0]?.model}, Chromium ${browser.version()}\n`);
const person = await newPerson(url);
await firstLoad();
await longThread(Number(values.messages));
await memory(Number(values.runs));

/** Paint of each first view, and the delay of keys in the message box. */
async function firstLoad(): Promise<void> {
  console.log(`first load, processor ${SLOWER} times slower`);
  const { page } = await observedPage();
  await slow(page);
  await page.goto("/");
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  console.log(`  sign-in, largest paint: ${(await observed(page)).paint.toFixed(0)} ms`);
  await signIn(page, person.email);
  const thread = await withTurns(1);
  await page.goto(`/t/${thread}`);
  await page.getByText("Answer 1.", { exact: true }).waitFor();
  console.log(`  thread, largest paint: ${(await observed(page)).paint.toFixed(0)} ms`);
  await messageBox(page).pressSequentially(TYPED);
  printSpread("from key to paint (16 ms is the least told)", (await observed(page)).delays);
}

/** Frames while 100 deltas a second arrive at the end of a thread of so many messages. */
async function longThread(messages: number): Promise<void> {
  const thread = await withTurns(messages / 2);
  const { page } = await observedPage();
  await signIn(page, person.email);
  await page.goto(`/t/${thread}`);
  await page.getByText(`Answer ${messages / 2}.`, { exact: true }).waitFor();
  await loadAll(page);
  console.log(`\na thread of ${messages} messages, 100 deltas a second`);
  console.log(`  messages in the document: ${await page.getByRole("article").count()}`);
  model.script(KEY, [{ text: STREAMED, piece: 8, pace_ms: 10 }]);
  await ask(page, "Go on.");
  await page.getByRole("button", { name: "Stop" }).waitFor();
  const before = await observed(page);
  await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
  const after = await observed(page);
  const frames = after.frames.slice(before.frames.length);
  const dropped = frames.filter((time) => time > DROPPED_MS).length;
  const longTasks = after.longTasks.slice(before.longTasks.length);
  printSpread("a frame", frames);
  console.log(`  frames that left out another: ${dropped} of ${frames.length}`);
  console.log(`  tasks above 50 ms: ${longTasks.length}, longest ${Math.max(0, ...longTasks)} ms`);
}

/** The collected heap after every quarter of so many runs in one thread that stays open. */
async function memory(runs: number): Promise<void> {
  console.log("\nmemory of an open thread, garbage collected");
  const thread = await person.newThread();
  const { page } = await observedPage();
  await signIn(page, person.email);
  await page.goto(`/t/${thread}`);
  await messageBox(page).waitFor();
  for (let run = 1; run <= runs; run += 1) {
    await turn(person, thread, run);
    if (run % Math.ceil(runs / 8) !== 0) continue;
    await page.getByText(`Answer ${run}.`, { exact: true }).waitFor();
    const { heap, nodes } = await held(page);
    console.log(`  after ${String(run).padStart(3)} runs: ${heap.toFixed(1)} MB, ${nodes} nodes`);
  }
}

async function observedPage() {
  const opened = await visit(browser, url, { viewport: { width: 1280, height: 800 } });
  await opened.page.addInitScript({ path: `${import.meta.dirname}/page/observe.js` });
  return opened;
}

async function observed(page: Page): Promise<z.infer<typeof Observed>> {
  return Observed.parse(await page.evaluate("observed"));
}

async function slow(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
}

/** @returns megabytes of the heap, and nodes of the document, that collecting leaves. */
async function held(page: Page): Promise<{ readonly heap: number; readonly nodes: number }> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  await devtools.send("Performance.enable");
  const { metrics } = await devtools.send("Performance.getMetrics");
  await devtools.detach();
  const of = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? 0;
  return { heap: of("JSHeapUsedSize") / 1e6, nodes: of("Nodes") };
}

async function withTurns(turns: number): Promise<ThreadId> {
  const thread = await person.newThread();
  for (let number = 1; number <= turns; number += 1) await turn(person, thread, number);
  return thread;
}

async function turn({ say, ended }: Person, thread: ThreadId, number: number): Promise<void> {
  model.script(KEY, [{ text: `Answer ${number}.` }]);
  await ended((await say(thread, `Question ${number}.`)).run_id);
}

/** As somebody who scrolls up until there is no more, and then back to the end. */
async function loadAll(page: Page): Promise<void> {
  const log = page.getByRole("log");
  const earlier = page.getByRole("button", { name: "Load earlier messages" });
  for (let idle = 0; idle < 3; ) {
    const before = await log.evaluate("({ scrollHeight }) => scrollHeight", null);
    await log.evaluate("(log) => log.scrollTo(0, 0)", null);
    if (await earlier.isVisible()) await earlier.click({ timeout: 2_000 }).catch(() => undefined);
    await page.waitForTimeout(300);
    const after = await log.evaluate("({ scrollHeight }) => scrollHeight", null);
    idle = after === before ? idle + 1 : 0;
  }
  await log.evaluate("(log) => log.scrollTo(0, log.scrollHeight)", null);
  await page.waitForTimeout(500);
}
