/** The last frames of the open thread as they came off the socket, kept as text until somebody looks. */
import { count, isObject, text } from "../../client/checks.ts";
import { readJson } from "../../client/incoming.ts";
import type { SocketConstructor, SocketLike } from "../../client/index.ts";

/** One frame. Nothing that the page sends is kept, so no token ever is. */
export interface Arrival {
  /** Counts all frames of the thread, from 1. */
  readonly number: number;
  /** Milliseconds since 1970, by this machine's clock. */
  readonly at: number;
  readonly text: string;
  /** The epoch of the thread that it belongs to; null until the server has said it. */
  readonly epoch: string | null;
  /** The last seq there was when its connection was made: an event up to there is told again, late. */
  readonly knownSeq: number;
}

/** What became of the sockets to the open thread. */
export interface Wire {
  readonly threadId: string | null;
  readonly state: "connecting" | "open" | "closed";
  /** The code the last socket was closed with; null while none was. */
  readonly closeCode: number | null;
  /** How many sockets were opened after the first. */
  readonly reconnects: number;
  readonly arrivals: readonly Arrival[];
}

/** Frames kept, and the UTF-16 code units that all of them may hold. */
export const MOST_FRAMES = 1_000;
const MOST_TEXT = 4_000_000;

/** What a connection begins with. */
type Ready = Pick<Arrival, "epoch" | "knownSeq">;

const UNREADY: Ready = { epoch: null, knownSeq: 0 };

const NOTHING: Wire = {
  threadId: null,
  state: "closed",
  closeCode: null,
  reconnects: 0,
  arrivals: [],
};

export class FrameLog {
  readonly #changes = new EventTarget();
  #wire = NOTHING;
  #arrivals: Arrival[] = [];
  #held = 0;
  #count = 0;
  #ready: Ready = UNREADY;

  /** @returns the same sockets, whose frames are kept here. Reading one costs no more than keeping it. */
  tap(Socket: SocketConstructor): SocketConstructor {
    const follow = this.#follow.bind(this);
    return class extends Socket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        follow(this, url);
      }
    };
  }

  /** @returns what there is; another object once there is more. */
  readonly read = (): Wire => {
    if (this.#wire.arrivals.at(-1) !== this.#arrivals.at(-1)) {
      this.#wire = { ...this.#wire, arrivals: [...this.#arrivals] };
    }
    return this.#wire;
  };

  /** Calls back after each change; the result ends that. */
  readonly subscribe = (changed: () => void): (() => void) => {
    this.#changes.addEventListener("change", changed);
    return () => this.#changes.removeEventListener("change", changed);
  };

  #follow(socket: SocketLike, url: string): void {
    const threadId = threadOf(url);
    if (threadId !== this.#wire.threadId) this.#begin(threadId);
    else this.#note({ state: "connecting", reconnects: this.#wire.reconnects + 1 });
    const isHeard = () => threadId === this.#wire.threadId;
    socket.addEventListener("message", ({ data }) => {
      if (isHeard() && typeof data === "string") this.#keep(data);
    });
    socket.addEventListener("close", ({ code }) => {
      if (isHeard()) this.#note({ state: "closed", closeCode: code });
    });
  }

  #begin(threadId: string | null): void {
    this.#arrivals = [];
    this.#held = 0;
    this.#count = 0;
    this.#ready = UNREADY;
    this.#note({ ...NOTHING, threadId, state: "connecting" });
  }

  #keep(frame: string): void {
    this.#count += 1;
    this.#ready = readyOf(frame) ?? this.#ready;
    this.#arrivals.push({ number: this.#count, at: Date.now(), text: frame, ...this.#ready });
    this.#held += frame.length;
    while (this.#arrivals.length > MOST_FRAMES || this.#held > MOST_TEXT) {
      this.#held -= this.#arrivals.shift()?.text.length ?? this.#held;
    }
    if (this.#wire.state === "open") this.#changes.dispatchEvent(new Event("change"));
    else this.#note({ state: "open" });
  }

  #note(news: Partial<Wire>): void {
    this.#wire = { ...this.#wire, ...news };
    this.#changes.dispatchEvent(new Event("change"));
  }
}

/** Told once a connection: no other frame is read before somebody looks. */
function readyOf(frame: string): Ready | null {
  if (!frame.includes('"connection_ready"')) return null;
  const read = readJson(frame);
  if (!isObject(read) || read.type !== "connection_ready" || !isObject(read.data)) return null;
  const { epoch, last_seq } = read.data;
  return text(epoch) ? { epoch, knownSeq: count(last_seq) ? last_seq : 0 } : null;
}

/** @returns the thread that a socket's address names; null where the server is to make one. */
function threadOf(url: string): string | null {
  return /\/api\/threads\/([^/]+)\/socket/.exec(url)?.[1] ?? null;
}

/** The page's own: what its client hears. */
export const FRAMES = new FrameLog();
