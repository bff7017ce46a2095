/** The page on a stage: the real one, over a server whose answers and frames a test writes. */
import { act, cleanup, render } from "@testing-library/react";
import { ApexClient } from "../../../src/client/index.ts";
import { Command } from "../../../src/protocol/commands.ts";
import type { ServerFrame } from "../../../src/protocol/events.ts";
import { App } from "../../../src/web/app.tsx";
import { browserStore } from "../../../src/web/session/browser-store.ts";
import { credentials, problem } from "../client/frames.ts";

interface Ask {
  readonly query: URLSearchParams;
  readonly body: unknown;
}
interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** In place of a body: what the answer's bytes come from. */
  readonly stream?: ReadableStream<Uint8Array>;
}
/** Answers by method and path; what is not named is answered 404. */
export type Routes = Record<string, (ask: Ask) => Answer>;

type SocketEvent = { readonly data: unknown; readonly code: number };

/** The server's end of one socket. */
export class StageSocket {
  readonly url: string;
  readonly #sent: string[] = [];
  readonly #listeners: { type: string; listener: (event: SocketEvent) => void }[] = [];

  constructor(url: string) {
    this.url = url;
  }

  /** What the page said, pings aside. */
  get commands(): Command[] {
    return this.#sent.map((text) => Command.parse(JSON.parse(text)));
  }

  send(text: string): void {
    this.#sent.push(text);
  }

  close(): void {}

  addEventListener(type: string, listener: (event: SocketEvent) => void): void {
    this.#listeners.push({ type, listener });
  }

  say(...frames: ServerFrame[]): void {
    for (const frame of frames) this.#tell("message", { data: JSON.stringify(frame), code: 0 });
  }

  drop(code: number): void {
    this.#tell("close", { data: null, code });
  }

  #tell(type: string, event: SocketEvent): void {
    act(() => {
      for (const each of this.#listeners) if (each.type === type) each.listener(event);
    });
    measure();
  }
}

const unmeasured: (() => void)[] = [];

function measure(): void {
  for (let next = unmeasured.shift(); next; next = unmeasured.shift()) act(next);
}

/** Lays nothing out, as happy-dom does not, but says that everything has a size: so it is in sight. */
class StageLayout {
  readonly #measured: ResizeObserverCallback;

  constructor(measured: ResizeObserverCallback) {
    this.#measured = measured;
  }

  observe(target: Element): void {
    const contentRect = new DOMRect(0, 0, 800, 100);
    const entry = { target, contentRect, borderBoxSize: [], contentBoxSize: [] };
    unmeasured.push(() => this.#measured([{ ...entry, devicePixelContentBoxSize: [] }], this));
    queueMicrotask(measure);
  }

  unobserve(): void {}

  disconnect(): void {}
}

/** Renders the page at a path, signed in unless told otherwise, and plays its server. */
export async function stage(routes: Routes, path = "/", signedIn = true) {
  history.replaceState(null, "", path);
  window.ResizeObserver = StageLayout;
  Object.defineProperty(HTMLElement.prototype, "offsetParent", {
    configurable: true,
    get: () => document.body,
  });
  const sockets: StageSocket[] = [];
  const asked: string[] = [];
  const store = browserStore();
  if (signedIn) await store.save({ ...credentials(1), renew_at: Date.now() + 900_000 });
  const client = new ApexClient({
    baseUrl: "http://apex.test",
    store,
    async fetch(address, init) {
      const url = new URL(address);
      const route = `${init.method} ${url.pathname}`;
      asked.push(route);
      const body = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
      const answer =
        routes[route]?.({ query: url.searchParams, body }) ?? refusal("not_found", 404);
      const text = answer.body === undefined ? null : JSON.stringify(answer.body);
      return new Response(answer.stream ?? text, { status: answer.status });
    },
    WebSocket: class extends StageSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    },
  });
  const { unmount } = render(<App client={client} store={store} />);
  return { sockets, asked, store, unmount };
}

/** The server's end of the feed of all threads. */
export function stageFeed() {
  const bytes = new TextEncoder();
  const dialled: ReadableStreamDefaultController<Uint8Array>[] = [];
  let seq = 0;
  const say = async (frame: object) => {
    await act(async () => {
      dialled.at(-1)?.enqueue(bytes.encode(`data: ${JSON.stringify(frame)}\n\n`));
      await new Promise((resolve) => setTimeout(resolve));
    });
  };
  const context = { user_id: "user-1", timestamp: "2026-11-21T08:00:00.000Z" };
  return {
    routes: {
      "GET /api/events/stream": () => ({
        status: 200,
        stream: new ReadableStream<Uint8Array>({ start: (end) => void dialled.push(end) }),
      }),
    } satisfies Routes,
    /** The first frame: with the runs under way, by their threads. */
    ready: (live: readonly string[] = [], recovered = true) =>
      say({
        type: "feed_ready",
        seq: null,
        context,
        data: {
          ...{ protocol: "1.0", epoch: "epoch-1", last_seq: seq, replay_after: seq, recovered },
          live_runs: live.map((thread_id) => ({ thread_id, run_id: `${thread_id}.1` })),
        },
      }),
    /** An event of a thread. */
    tell(threadId: string, type: string, data: object) {
      seq += 1;
      const of = { ...context, thread_id: threadId, run_id: null, agent: null };
      return say({ type, seq, context: of, data });
    },
  };
}

/** Clears what one test leaves to the next. */
export function strike(): void {
  cleanup();
  localStorage.clear();
}

export function refusal(code: string, status: number, errors?: object[]): Answer {
  return { status, body: { ...problem(code, status), ...(errors && { errors }) } };
}

/** @returns the list's route, over these threads in pages of the given size. */
export function listing(threads: readonly object[], size = 20): Routes {
  return {
    "GET /api/threads": ({ query }) => {
      const from = Number(query.get("cursor") ?? 0);
      const rest = from + size < threads.length ? String(from + size) : null;
      return {
        status: 200,
        body: {
          data: threads.slice(from, from + size),
          has_more: rest !== null,
          next_cursor: rest,
        },
      };
    },
  };
}
