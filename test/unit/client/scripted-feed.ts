/** The feed of a user's threads as a test plays it: one stream a dial, written and broken by hand. */
import { FeedFrame } from "../../../src/protocol/account-feed.ts";
import type { Epoch } from "../../../src/protocol/ids.ts";
import { formatServerSentEvent, SSE_HEARTBEAT } from "../../../src/protocol/sse.ts";
import { AT, THREAD } from "./frames.ts";
import type { ReceivedRequest, Route, ScriptedServer } from "./scripted-server.ts";

export const FEED_ROUTE = "GET /api/events/stream";

/** One stream, seen from the server. */
class ScriptedStream {
  readonly request: ReceivedRequest;
  readonly body: ReadableStream<Uint8Array>;
  readonly #sink: WritableStreamDefaultWriter<Uint8Array>;
  #epoch: Epoch | null = null;

  constructor(request: ReceivedRequest) {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    this.request = request;
    this.body = readable;
    this.#sink = writable.getWriter();
    request.signal.addEventListener("abort", () => this.break());
  }

  say(...frames: FeedFrame[]): void {
    for (const frame of frames) {
      if (frame.type === "feed_ready") this.#epoch = frame.data.epoch;
      if (this.#epoch === null) throw new Error("A feed begins with feed_ready.");
      this.write(formatServerSentEvent(this.#epoch, frame));
    }
  }

  beat(): void {
    this.write(SSE_HEARTBEAT);
  }

  write(text: string): void {
    this.#sink.write(new TextEncoder().encode(text)).catch(() => {});
  }

  end(): void {
    this.#sink.close().catch(() => {});
  }

  /** Ends the stream in the midst of things, as a lost network does. */
  break(): void {
    this.#sink.abort(new TypeError("terminated")).catch(() => {});
  }
}

export class ScriptedFeed {
  readonly streams: ScriptedStream[] = [];

  constructor(server: ScriptedServer) {
    server.routes.set(FEED_ROUTE, this.accept);
  }

  /** Answers each dial with a stream of its own. */
  readonly accept: Route = (request) => {
    const stream = new ScriptedStream(request);
    this.streams.push(stream);
    return { status: 200, body: stream.body };
  };

  /** The newest stream. */
  get stream(): ScriptedStream {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error("No stream was opened");
    return stream;
  }
}

interface ReadyData {
  readonly epoch?: string;
  readonly replay_after?: number;
  readonly recovered?: boolean;
}

export function feedReady(data: ReadyData = {}): FeedFrame {
  return FeedFrame.parse({
    type: "feed_ready",
    seq: null,
    context: { user_id: "user-1", timestamp: AT },
    data: {
      protocol: "1.0",
      epoch: "epoch-1",
      last_seq: 9,
      recovered: true,
      replay_after: 0,
      live_runs: [],
      ...data,
    },
  });
}

/** @returns the event that a run of the thread has begun. */
export function runStarted(seq: number): FeedFrame {
  return FeedFrame.parse({
    type: "run_started",
    seq,
    context: {
      user_id: "user-1",
      thread_id: THREAD,
      run_id: "run-1",
      agent: "supervisor",
      timestamp: AT,
    },
    data: { run_id: "run-1", agent: "supervisor", model: "demo" },
  });
}
