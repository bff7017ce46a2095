/** A live feed of all of a user's threads: an event stream that reconnects and resumes by itself. */
import type { ApexError } from "../protocol/errors.ts";
import type { Position } from "../protocol/position.ts";
import { formatEventId } from "../protocol/sse.ts";
import { isFeedFrame } from "./account-frames.ts";
import type { ConnectionEffect, ConnectionStatus } from "./connection-machine.ts";
import type { FeedHandlers, FeedPorts } from "./connection-ports.ts";
import { EventStream } from "./event-stream.ts";
import { readFrame } from "./incoming.ts";
import { Lifecycle } from "./lifecycle.ts";

/** The code of a connection that failed without saying why. */
const ABNORMAL_CLOSE = 1006;

/** A live feed of what happens in all of the user's threads. It reconnects after every interruption. */
export class AccountFeed {
  readonly #ports: FeedPorts;
  readonly #handlers: FeedHandlers;
  readonly #life: Lifecycle;
  #position: Position | null = null;
  #hangUp = new AbortController();
  /** Whether anything arrived since this was last asked. */
  #heard = false;

  /** Dials at once. */
  constructor(handlers: FeedHandlers, ports: FeedPorts) {
    this.#ports = ports;
    this.#handlers = handlers;
    this.#life = new Lifecycle({
      perform: (effect) => this.#perform(effect),
      onStatus: (status, error) => handlers.onStatus?.(status, error),
      random: ports.random,
    });
    this.#dial();
  }

  get status(): ConnectionStatus {
    return this.#life.status;
  }

  /** Why the feed ended for good; null while it is running or after `close()`. */
  get error(): ApexError | null {
    return this.#life.error;
  }

  /** Hangs up for good. */
  close(): void {
    this.#life.advance({ type: "close" });
  }

  #perform(effect: ConnectionEffect): void {
    switch (effect) {
      case "dial":
        this.#dial();
        return;
      case "hang_up":
        this.#hangUp.abort();
        return;
      case "ping":
        // An event stream cannot send a ping. The server sends heartbeats by itself, more often than this is called.
        if (this.#heard) this.#life.advance({ type: "frame" });
        this.#heard = false;
        return;
      case "probe":
      case "renew":
        void this.#life.attempt(this.#ports.probe);
    }
  }

  #dial(): void {
    this.#hangUp = new AbortController();
    const { signal } = this.#hangUp;
    const lastEventId = this.#position && formatEventId(this.#position.epoch, this.#position.after);
    void this.#life.attempt(
      () => this.#ports.open(lastEventId, signal),
      (bytes) => void this.#read(bytes.getReader(), signal),
    );
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>, signal: AbortSignal): Promise<void> {
    const events = new EventStream();
    const next = () => reader.read().catch(() => null);
    for (let piece = await next(); piece?.value && !signal.aborted; piece = await next()) {
      this.#heard = true;
      this.#life.advance({ type: "frame" });
      const arrived = events.push(piece.value);
      if (arrived === null) break;
      for (const data of arrived) if (!signal.aborted) this.#receive(data);
    }
    if (signal.aborted) return;
    this.#hangUp.abort();
    this.#life.advance({ type: "lost", code: ABNORMAL_CLOSE });
  }

  #receive(data: string): void {
    const incoming = readFrame(isFeedFrame, data);
    if (incoming === null) return;
    const { seq, frame } = incoming;
    if (frame?.type === "feed_ready") {
      this.#position = { epoch: frame.data.epoch, after: frame.data.replay_after };
      this.#life.advance({ type: "ready" });
    } else if (!this.#follows(seq)) {
      return;
    }
    if (frame) this.#handlers.onFrame?.(frame);
  }

  /** Takes the next place in the feed's order; what skips one asks for the feed anew. */
  #follows(seq: number | null): boolean {
    if (this.#position === null || seq === null || seq <= this.#position.after) return false;
    if (seq > this.#position.after + 1) {
      this.#life.advance({ type: "gap" });
      return false;
    }
    this.#position = { ...this.#position, after: seq };
    return true;
  }
}
