/** One window of a user on a thread: it remembers every frame it was shown, and how long it took to catch up. */
import type { AcceptedMessage, ApexClient, ServerFrame } from "../../src/client/index.ts";
import type { ThreadConnection } from "../../src/client/thread-connection.ts";
import { FinalStatus } from "../../src/protocol/entities.ts";
import type { ThreadId } from "../../src/protocol/ids.ts";
import type { CatchUp } from "./catch-up.ts";

export interface Tab {
  readonly connection: ThreadConnection;
  readonly frames: readonly ServerFrame[];
  readonly catchUps: readonly CatchUp[];
  /** Resolves when the condition holds, or the signal gives up on it. */
  until(holds: () => boolean, signal: AbortSignal): Promise<void>;
}

/**
 * @param threadId null for a new thread.
 * @param hear is told each frame as it comes, when the connection's view holds it.
 */
export function openTab(
  client: ApexClient,
  threadId: ThreadId | null,
  hear: (frame: ServerFrame) => void = () => undefined,
): Tab {
  const frames: ServerFrame[] = [];
  const catchUps: CatchUp[] = [];
  const waiting = new Set<() => void>();
  let lostAt: number | null = null;
  let target = Number.POSITIVE_INFINITY;
  const tell = () => {
    for (const check of waiting) check();
  };
  const connection = client.connect(threadId, {
    onFrame(frame) {
      frames.push(frame);
      hear(frame);
      if (frame.type === "connection_ready") target = frame.data.last_seq;
      if (lostAt !== null && connection.view.lastSeq >= target) {
        catchUps.push({ lostAt, caughtUpAt: Date.now() });
        lostAt = null;
      }
      tell();
    },
    onStatus(status) {
      if (status === "reconnecting" && lostAt === null) {
        lostAt = Date.now();
        target = Number.POSITIVE_INFINITY;
      }
      tell();
    },
  });
  return {
    connection,
    frames,
    catchUps,
    until: (holds, signal) =>
      new Promise((resolve) => {
        function check(): void {
          if (!signal.aborted && !holds()) return;
          waiting.delete(check);
          signal.removeEventListener("abort", check);
          resolve();
        }
        waiting.add(check);
        signal.addEventListener("abort", check);
        check();
      }),
  };
}

/** @returns whether a tab knows the end of an accepted message's run. */
export function knowsEnd({ connection }: Tab, { run_id }: AcceptedMessage): boolean {
  return FinalStatus.safeParse(connection.view.runs[run_id]?.status).success;
}
