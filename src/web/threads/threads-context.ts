/** What can be done to threads from anywhere in the workspace, and what is under way in them. */
import { createContext, useContext } from "react";
import type { Thread } from "../../protocol/entities.ts";
import type { ThreadExportFormat } from "../../protocol/history.ts";
import type { MessageId, ThreadId } from "../../protocol/ids.ts";

interface ThreadActions {
  /** Threads with a run under way. */
  readonly live: ReadonlySet<ThreadId>;
  /** Threads that are deleted here, and can be had back for a moment. */
  readonly hidden: ReadonlySet<ThreadId>;
  /** Hides the thread, and deletes it once the moment to undo that has passed. */
  remove(thread: Thread): void;
  undoRemove(id: ThreadId): void;
  /** Deletes at once what is only hidden yet. */
  removeHidden(): void;
  /** Opens a copy of the thread: up to a message, or to its end. What fails is told as a toast. */
  fork(id: ThreadId, until?: MessageId): Promise<void>;
  /** Saves the thread as a file. What fails is told as a toast. */
  save(thread: Thread, format: ThreadExportFormat): Promise<void>;
  /** Opens the dialog that shares a thread. */
  share(thread: Thread): void;
}

export const ThreadActionsContext = createContext<ThreadActions | null>(null);

/** @returns what can be done to threads. @throws outside of the workspace. */
export function useThreadActions(): ThreadActions {
  const actions = useContext(ThreadActionsContext);
  if (actions === null) throw new Error("Threads are at hand in the workspace only.");
  return actions;
}
