/** Keeps the threads live, does what is asked of them, and tells what came of it. */
import { useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import type { Thread } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { ThreadExportFormat } from "../../protocol/history.ts";
import type { MessageId, ThreadId } from "../../protocol/ids.ts";
import { useSignedIn } from "../client-context.ts";
import { useToasts } from "../design/toasts.tsx";
import { PATTERNS, pathOf, threadOf } from "../paths.ts";
import { useFailureLine } from "../problem-words.ts";
import { useWords } from "../words/words.ts";
import { saveFile } from "./save-file.ts";
import { putThread } from "./thread-cache.ts";
import { ThreadActionsContext } from "./threads-context.ts";
import { useDeletions } from "./use-deletions.ts";
import { useThreadFeed } from "./use-thread-feed.ts";
import { useTitleOf } from "./use-title-of.ts";
import { leaveRow } from "./walk-rows.ts";

const ShareDialog = lazy(() => import("./share-dialog.tsx"));

/** What each format is called, as a file. */
const EXTENSIONS: Readonly<Record<ThreadExportFormat, string>> = {
  markdown: "md",
  json: "json",
  csv: "csv",
};

export function ThreadsProvider({ children }: { readonly children: ReactNode }) {
  const { client } = useSignedIn();
  const { threads: words } = useWords();
  const queries = useQueryClient();
  const titleOf = useTitleOf();
  const [path, goTo] = useLocation();
  const show = useToasts();
  const say = useFailureLine();
  const tell = (text: string) => void show({ text });
  const [shared, setShared] = useState<Thread | null>(null);
  const live = useThreadFeed(client);
  const deletions = useDeletions((thread, problem) =>
    tell(words.notRemoved(titleOf(thread), say(problem))),
  );
  const { pending } = deletions;
  const hidden = useMemo(() => new Set(pending.map(({ id }) => id)), [pending]);

  /** Takes away the word that a thread was deleted, by the thread. */
  const withdrawals = useRef(new Map<ThreadId, () => void>());
  function withdraw(id: ThreadId) {
    withdrawals.current.get(id)?.();
    withdrawals.current.delete(id);
  }

  function remove(thread: Thread) {
    const { id } = thread;
    leaveRow(id);
    deletions.begin(thread);
    withdraw(id);
    const toast = {
      text: words.removed(titleOf(thread)),
      action: { label: words.undo, run: () => deletions.undo(id) },
      onPass: () => deletions.finish(thread),
    };
    withdrawals.current.set(id, show(toast));
    if (threadOf(path) === thread.id) goTo(PATTERNS.home);
  }

  async function fork(id: ThreadId, until?: MessageId) {
    try {
      const last = until ?? (await lastMessage(id));
      if (last === undefined) {
        tell(words.nothingToFork);
        return;
      }
      const thread = await client.threads.fork(id, { message_id: last });
      putThread(queries, thread);
      goTo(pathOf(thread.id));
    } catch (error) {
      tell(words.notForked(say(ApexError.from(error))));
    }
  }

  async function lastMessage(id: ThreadId): Promise<MessageId | undefined> {
    const { data } = await client.messages.list(id, { order: "desc", limit: 1 });
    return data[0]?.id;
  }

  async function save(thread: Thread, format: ThreadExportFormat) {
    try {
      const text = await client.threads.export(thread.id, format);
      saveFile(`${titleOf(thread)}.${EXTENSIONS[format]}`, text);
    } catch (error) {
      tell(words.notExported(say(ApexError.from(error))));
    }
  }

  const actions = {
    ...{ live, hidden, remove, fork, save },
    share: setShared,
    undoRemove(id: ThreadId) {
      withdraw(id);
      deletions.undo(id);
    },
    removeHidden() {
      for (const id of withdrawals.current.keys()) withdraw(id);
      deletions.finishAll();
    },
  };
  return (
    <ThreadActionsContext value={actions}>
      {children}
      {shared && (
        <Suspense>
          <ShareDialog key={shared.id} thread={shared} onClose={() => setShared(null)} />
        </Suspense>
      )}
    </ThreadActionsContext>
  );
}
