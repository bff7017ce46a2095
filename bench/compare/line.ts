/** One client's socket to any contender: it dials, asks, and measures what comes back. */
import { setTimeout as sleep } from "node:timers/promises";
import { within } from "../../test/e2e/within.ts";
import { frameBytes } from "../frame-bytes.ts";
import type { Chat } from "./chat.ts";

/** A turn, a dial or an answer that takes longer will not come, in milliseconds. */
const DEADLINE_MS = 30_000;

/** What one socket was sent of one turn. */
export interface Turn {
  /** From the question, or from when it was listened for, in milliseconds. */
  readonly firstTextMs: number;
  readonly endMs: number;
  readonly frames: number;
  readonly textFrames: number;
  /** On the wire, WebSocket headers included. */
  readonly bytes: number;
  readonly textBytes: number;
  /** All text that came, also what the client had already. */
  readonly text: string;
  /** As the user sees it at the end. */
  readonly answer: string;
  /** Of the question's frame. */
  readonly uplinkBytes: number;
}

interface Tally {
  readonly begun: number;
  firstTextMs: number;
  frames: number;
  textFrames: number;
  bytes: number;
  textBytes: number;
  text: string;
  uplinkBytes: number;
  isOver: boolean;
  readonly over: PromiseWithResolvers<Turn>;
}

export interface Line {
  /** From dialling until it was ready to use, in milliseconds. */
  readonly readyMs: number;
  /** Asks, and waits for the whole answer. */
  say(question: string): Promise<Turn>;
  /** Waits for the whole of the next answer, or of the rest of the one that comes. */
  hear(): Promise<Turn>;
  /** As {@link hear}, but with what has come by then where the end does not come in time. */
  hearFor(milliseconds: number): Promise<Turn>;
  /** Resolves when so many characters of the answer have been seen. */
  seen(characters: number): Promise<void>;
  close(): void;
}

/** Dials, and waits until the contender is ready. @param url of it, or of what stands before it. */
export async function openLine(url: string, chat: Chat): Promise<Line> {
  const dialledAt = performance.now();
  const { path, protocols } = chat.dial();
  const socket = new WebSocket(`${url.replace("http", "ws")}${path}`, [...protocols]);
  const ready = Promise.withResolvers<void>();
  let tally = newTally();

  function fail(error: unknown): void {
    ready.reject(error);
    tally.over.reject(error);
  }

  socket.addEventListener("open", () => {
    const greeting = chat.greeting();
    if (greeting !== null) socket.send(greeting);
    if (chat.ready) ready.resolve();
  });
  socket.addEventListener("error", () => fail(new Error(`The socket to ${path} failed.`)));
  socket.addEventListener("close", ({ code }) => fail(new Error(`It was closed with ${code}.`)));
  socket.addEventListener("message", ({ data }) => {
    try {
      take(String(data));
    } catch (error) {
      fail(error);
    }
  });

  function take(frame: string): void {
    const heard = chat.hear(frame);
    if (heard.reply !== null) socket.send(heard.reply);
    if (chat.ready) ready.resolve();
    const bytes = frameBytes(frame);
    tally.frames += 1;
    tally.bytes += bytes;
    if (heard.text !== "") {
      tally.firstTextMs ||= performance.now() - tally.begun;
      tally.textFrames += 1;
      tally.textBytes += bytes;
      tally.text += heard.text;
    }
    if (!heard.ended || tally.isOver) return;
    tally.isOver = true;
    tally.over.resolve(soFar());
  }

  function soFar(): Turn {
    const { over: _, begun, isOver: __, ...counted } = tally;
    return { ...counted, endMs: performance.now() - begun, answer: chat.answer };
  }

  await within(DEADLINE_MS, ready.promise, () => `a socket in state ${socket.readyState}`);

  const turnOver = (): Promise<Turn> =>
    within(DEADLINE_MS, tally.over.promise, () => `${tally.text.length} characters of an answer`);

  return {
    readyMs: performance.now() - dialledAt,
    async say(question) {
      tally = newTally();
      const frame = chat.say(question);
      tally.uplinkBytes = frameBytes(frame, "client");
      socket.send(frame);
      return await turnOver();
    },
    async hear() {
      if (tally.isOver) tally = newTally();
      return await turnOver();
    },
    hearFor: (milliseconds) => Promise.race([tally.over.promise, sleep(milliseconds).then(soFar)]),
    async seen(characters) {
      const deadline = performance.now() + DEADLINE_MS;
      while (chat.answer.length < characters) {
        if (performance.now() > deadline) throw new Error(`Only ${chat.answer.length} came.`);
        await sleep(1);
      }
    },
    close: () => socket.close(),
  };
}

function newTally(): Tally {
  const over = Promise.withResolvers<Turn>();
  // Nobody may be waiting for it when the socket closes.
  over.promise.catch(() => undefined);
  const none = { firstTextMs: 0, frames: 0, textFrames: 0, bytes: 0, textBytes: 0, uplinkBytes: 0 };
  return { begun: performance.now(), ...none, text: "", isOver: false, over };
}
