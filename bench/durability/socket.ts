/** A thread's socket as bytes and moments: what arrived when, looked at no closer than it must be. */
import { z } from "zod";
import type { Command } from "../../src/protocol/commands.ts";
import { RunId, type ThreadId } from "../../src/protocol/ids.ts";
import type { Position } from "../../src/protocol/position.ts";
import type { Person } from "../../test/e2e/person.ts";
import { within } from "../../test/e2e/within.ts";

const DEADLINE_MS = 60_000;

const Head = z.object({
  type: z.string(),
  seq: z.number().nullable().default(null),
  data: z.object({ status: z.string(), run_id: RunId, epoch: z.string() }).partial().default({}),
});

export interface Arrival extends z.infer<typeof Head> {
  /** By the process's monotonic clock, in milliseconds. */
  readonly at: number;
  /** Of the frame's payload. */
  readonly bytes: number;
}

export interface Socket {
  readonly dialledAt: number;
  readonly arrivals: readonly Arrival[];
  /** Waits for a frame; those that arrived already, from the given one on, count too. */
  arrival(isIt: (frame: Arrival) => boolean, from?: number): Promise<Arrival>;
  send(command: Command): void;
  /** Resolves when the socket is closed. */
  close(): Promise<void>;
}

/** Dials at once. @param position where to resume; without one it begins with the thread. */
export function dial(person: Person, threadId: ThreadId, position?: Position): Socket {
  const query = position ? `?after=${position.after}&epoch=${position.epoch}` : "";
  const url = `${person.url.replace("http", "ws")}/api/threads/${threadId}/socket${query}`;
  const arrivals: Arrival[] = [];
  const waiting = new Set<() => void>();
  const closed = Promise.withResolvers<void>();
  const dialledAt = performance.now();
  const socket = new WebSocket(url, ["apex-edge", `bearer.${person.credentials.access_token}`]);
  socket.addEventListener("message", ({ data }) => {
    const at = performance.now();
    const head = Head.parse(JSON.parse(data));
    arrivals.push({ ...head, at, bytes: Buffer.byteLength(data) });
    for (const look of waiting) look();
  });
  socket.addEventListener("close", () => closed.resolve());
  return {
    dialledAt,
    arrivals,
    arrival(isIt, from = 0) {
      const found = Promise.withResolvers<Arrival>();
      let next = from;
      function look(): void {
        for (; next < arrivals.length; next += 1) {
          const frame = arrivals[next];
          if (frame === undefined || !isIt(frame)) continue;
          waiting.delete(look);
          found.resolve(frame);
          return;
        }
      }
      waiting.add(look);
      look();
      return within(DEADLINE_MS, found.promise, () => arrivals.map(({ type }) => type).join(" "));
    },
    send: (command) => socket.send(JSON.stringify(command)),
    close() {
      socket.close();
      return within(DEADLINE_MS, closed.promise, () => `a socket in state ${socket.readyState}`);
    },
  };
}

/** Dials, and waits until the product has said `connection_ready`. */
export async function openSocket(person: Person, threadId: ThreadId): Promise<Socket> {
  const socket = dial(person, threadId);
  await socket.arrival(({ type }) => type === "connection_ready");
  return socket;
}
