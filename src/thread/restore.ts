/** Brings a thread back into a history that has lost it, or the last of it: all of it is in its object. */
import { madeAt, timestamp } from "../core/clock.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { Threads } from "../store/threads.ts";
import type { HistoryOutbox } from "./history-outbox.ts";
import type { Labels } from "./labels.ts";

interface RestoreParts {
  readonly threadId: ThreadId;
  readonly storage: Pick<DurableObjectStorage, "transactionSync">;
  readonly threads: Pick<Threads, "get" | "create">;
  readonly labels: Pick<Labels, "read">;
  readonly outbox: Pick<HistoryOutbox, "restore">;
}

/**
 * Makes the thread's row where it is gone, for without it D1 lets the others fall away, and puts every run on its
 * way. Of what a fork was made is told by its row alone: it is not known here.
 * @returns how many runs are on their way.
 * @throws {ApexError} `unavailable` where D1 does not answer, or has no such user.
 */
export async function restoreThread(parts: RestoreParts): Promise<number> {
  const { threadId, threads, labels } = parts;
  if ((await threads.get(threadId)) === null) {
    const { title, metadata } = labels.read();
    const at = timestamp(madeAt(threadId) ?? 0);
    await threads.create({ title: title ?? undefined, metadata }, at, {
      id: threadId,
      forked_from: null,
    });
  }
  return parts.storage.transactionSync(() => parts.outbox.restore());
}
