/** Threads that are being deleted: hidden at once, gone for good a moment later, and until then to be had back. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import type { Thread } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { ThreadId } from "../../protocol/ids.ts";
import { useSignedIn } from "../client-context.ts";
import { dropThread } from "./thread-cache.ts";

const NONE: ReadonlySet<ThreadId> = new Set();

interface Deletions {
  /** Deleted here, and not yet by the server. */
  readonly pending: readonly Thread[];
  begin(thread: Thread): void;
  undo(id: ThreadId): void;
  /** Has the server delete the thread now. */
  finish(thread: Thread): void;
  /** The same for all of them, also where the page is on its way out. */
  finishAll(): void;
}

/** @param onFailure told where the server did not delete a thread, which is shown again then. */
export function useDeletions(onFailure: (thread: Thread, problem: ApexError) => void): Deletions {
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const [pending, setPending] = useState<readonly Thread[]>([]);
  const [asked, setAsked] = useState<ReadonlySet<ThreadId>>(NONE);
  const forget = (id: ThreadId) => setPending((now) => now.filter((thread) => thread.id !== id));

  async function remove(thread: Thread, keepalive: boolean) {
    setAsked((now) => new Set([...now, thread.id]));
    try {
      await client.threads.delete(thread.id, { keepalive });
      dropThread(queries, thread.id);
    } catch (error) {
      const problem = ApexError.from(error);
      // Somebody was faster: it is gone all the same.
      if (problem.code === "not_found") dropThread(queries, thread.id);
      else onFailure(thread, problem);
    }
    forget(thread.id);
    setAsked((now) => new Set([...now].filter((id) => id !== thread.id)));
  }

  const undoable = pending.filter(({ id }) => !asked.has(id));

  function finishAll() {
    for (const thread of undoable) void remove(thread, true);
  }

  const leave = useEffectEvent(finishAll);
  useEffect(() => {
    const onLeave = () => leave();
    addEventListener("pagehide", onLeave);
    return () => removeEventListener("pagehide", onLeave);
  }, []);

  return {
    pending,
    begin: (thread) => setPending((now) => [...now.filter(({ id }) => id !== thread.id), thread]),
    undo: forget,
    finish: (thread) => void remove(thread, false),
    finishAll,
  };
}
