/** Keeps the threads live, does what is asked of them, and tells what came of it. */
import { useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { useLocation } from "wouter";
import type { Thread } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { ThreadExportFormat } from "../../protocol/history.ts";
import type { MessageId, ThreadId } from "../../protocol/ids.ts";
import { useSignedIn } from "../client-context.ts";
import { PATTERNS, pathOf, threadOf } from "../paths.ts";
import { useWords } from "../words/words.ts";
import { Notices } from "./notices.tsx";
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
  const [notice, setNotice] = useState<string | null>(null);
  const [shared, setShared] = useState<Thread | null>(null);
  const live = useThreadFeed(client);
  const deletions = useDeletions((thread, problem) =>
    setNotice(words.notRemoved(titleOf(thread), problem.message)),
  );
  const { pending } = deletions;
  const hidden = useMemo(() => new Set(pending.map(({ id }) => id)), [pending]);

  function remove(thread: Thread) {
    leaveRow(thread.id);
    deletions.begin(thread);
    if (threadOf(path) === thread.id) goTo(PATTERNS.home);
  }

  async function fork(id: ThreadId, until?: MessageId) {
    try {
      const last = until ?? (await lastMessage(id));
      if (last === undefined) {
        setNotice(words.nothingToFork);
        return;
      }
      const thread = await client.threads.fork(id, { message_id: last });
      putThread(queries, thread);
      goTo(pathOf(thread.id));
    } catch (error) {
      setNotice(words.notForked(ApexError.from(error).message));
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
      setNotice(words.notExported(ApexError.from(error).message));
    }
  }

  const actions = {
    ...{ live, hidden, remove, fork, save },
    share: setShared,
    undoRemove: deletions.undo,
    removeHidden: deletions.finishAll,
  };
  return (
    <ThreadActionsContext value={actions}>
      {children}
      <Notices
        deleted={deletions.undoable}
        onUndo={deletions.undo}
        onPass={deletions.finish}
        notice={notice}
        onDismiss={() => setNotice(null)}
      />
      {shared && (
        <Suspense>
          <ShareDialog key={shared.id} thread={shared} onClose={() => setShared(null)} />
        </Suspense>
      )}
    </ThreadActionsContext>
  );
}
