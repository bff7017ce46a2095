/** A thread of a thousand messages in a real browser, whose server a test plays: so many take too long to ask for. */
import type { Page, WebSocketRoute } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import type { ServerFrame } from "../../../src/protocol/events.ts";
import * as frames from "../../unit/client/frames.ts";
import { HAS_BROWSER } from "../browser.ts";
import { beginThread, signIn } from "./sign-in.ts";
import { visitsOfSuite } from "./suite.ts";

const COUNT = 1_000;
const DELTAS = 200;

const visit = visitsOfSuite();

/** Everything that was said, oldest first: questions, and answers of several lines. */
const HISTORY = Array.from({ length: COUNT }, (_, index) => {
  const seq = index + 1;
  const isQuestion = seq % 2 === 1;
  const words = isQuestion
    ? `Question ${seq}?`
    : `Answer ${seq}.\n\n- one\n- two\n\n| a |\n| - |\n| 1 |`;
  const message = frames.message(`m${seq}`, seq, isQuestion ? "user" : "assistant", words);
  return { ...message, run_id: `run-${Math.ceil(seq / 2)}-of-before` };
});

/** Opens a thread that has all of that, and the server's end of its socket. */
async function openLongThread(): Promise<{ page: Page; socket: WebSocketRoute }> {
  const { page } = await visit(inject("demoUrl"));
  const opened = Promise.withResolvers<WebSocketRoute>();
  await page.routeWebSocket(/\/socket/, (socket) => opened.resolve(socket));
  await signIn(page);
  await page.route(/\/messages\?/, async (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    const data = HISTORY.toReversed().slice(from, from + 100);
    const next = from + 100 < COUNT ? String(from + 100) : null;
    await route.fulfill({ json: { data, has_more: next !== null, next_cursor: next } });
  });
  await beginThread(page);
  const socket = await opened.promise;
  say(socket, frames.ready({ last_seq: COUNT, replay_after: COUNT, recovered: false }));
  await page.getByText(`Answer ${COUNT}.`).waitFor();
  return { page, socket };
}

function say(socket: WebSocketRoute, ...said: ServerFrame[]): void {
  for (const frame of said) socket.send(JSON.stringify(frame));
}

/** Begins an answer at the end of the thread. */
function beginAnswer(socket: WebSocketRoute): void {
  say(socket, frames.accepted(COUNT + 1, null), frames.started(COUNT + 2));
}

async function streamAnswer(socket: WebSocketRoute): Promise<string> {
  let text = "";
  for (let n = 0; n < DELTAS; n++) {
    const piece = n % 25 === 24 ? "\n\n" : `word ${n} `;
    say(socket, frames.delta(text.length, piece));
    text += piece;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return text;
}

const LOG = "document.querySelector('[role=log]')";

/** How far the end is out of sight, in pixels. */
function fromEnd(page: Page): Promise<number> {
  return page.evaluate(`${LOG}.scrollHeight - ${LOG}.scrollTop - ${LOG}.clientHeight`);
}

function topOf(page: Page): Promise<number> {
  return page.evaluate(`${LOG}.scrollTop`);
}

async function scrollTo(page: Page, top: number): Promise<void> {
  await page.evaluate(`${LOG}.scrollTo({ top: ${top} })`);
}

describe.skipIf(!HAS_BROWSER)("a thread of a thousand messages", () => {
  test("opens at its end, and is elements only where one looks", async () => {
    const { page } = await openLongThread();
    await expect.poll(() => fromEnd(page)).toBeLessThan(2);
    expect(await page.getByRole("article").count()).toBeLessThan(60);
  });

  test("keeps the place where one reads while earlier messages come", async () => {
    const { page } = await openLongThread();
    await expect.poll(() => fromEnd(page)).toBeLessThan(2);
    await scrollTo(page, 500);
    const load = page.getByRole("button", { name: "Load earlier messages" });
    await scrollTo(page, 300);
    const place = () => page.getByText(`Question ${COUNT - 95}?`, { exact: true }).boundingBox();
    const before = await place();
    await expect.poll(() => topOf(page)).toBeGreaterThan(2_000);
    const after = await place();
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 1_000))).toBeLessThan(24);
    expect(await load.count()).toBe(0);
  });

  test("is opened at the message that its address names, however far back", async () => {
    const { page } = await openLongThread();
    await page.evaluate("location.hash = 'm601'");
    const named = page.getByRole("article").filter({ hasText: "Question 601?" });
    await named.waitFor();
    await expect.poll(() => named.getAttribute("aria-current")).toBe("true");
    const top = async () => (await named.boundingBox())?.y ?? Number.POSITIVE_INFINITY;
    await expect.poll(top).toBeLessThan(300);
    expect(await top()).toBeGreaterThan(-50);
  });

  test("follows an answer of a hundred pieces a second, and rests when one scrolls away", async () => {
    const { page, socket } = await openLongThread();
    beginAnswer(socket);
    await streamAnswer(socket);
    await expect.poll(() => fromEnd(page)).toBeLessThan(2);
    await page.getByRole("log").hover();
    await page.mouse.wheel(0, -600);
    await expect.poll(() => fromEnd(page)).toBeGreaterThan(300);
    const place = await topOf(page);
    say(socket, frames.completed(COUNT + 3, "The end of it. ".repeat(300)));
    await page.getByRole("button", { name: "Jump to the newest" }).click();
    await expect.poll(() => fromEnd(page)).toBeLessThan(2);
    expect(await topOf(page)).toBeGreaterThan(place);
  });
});
