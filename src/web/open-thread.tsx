/** The thread that the address names: found first, then shown live. */
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import type { ThreadId } from "../protocol/ids.ts";
import { useSignedIn } from "./client-context.ts";
import { Conversation } from "./conversation/conversation.tsx";
import { PATTERNS } from "./paths.ts";
import { ProblemNote } from "./problem-note.tsx";
import { retitleThread, threadKey } from "./threads/thread-cache.ts";
import { useThreadActions } from "./threads/threads-context.ts";
import { useThreadOf } from "./threads/use-threads.ts";
import { useWords } from "./words/words.ts";

/** Give it the thread's id as its key: another thread begins afresh. */
export function OpenThread({ threadId }: { readonly threadId: ThreadId }) {
  const { client } = useSignedIn();
  const { threads: words } = useWords();
  const queries = useQueryClient();
  const { fork, hidden, undoRemove } = useThreadActions();
  const { thread, problem } = useThreadOf(threadId);
  const isHidden = hidden.has(threadId);

  if (thread === null || isHidden) {
    return (
      <div className="unopened">
        <p role="status">{words.deleted}</p>
        {isHidden && (
          <button type="button" onClick={() => undoRemove(threadId)}>
            {words.undo}
          </button>
        )}
        <Link href={PATTERNS.home}>{words.home}</Link>
      </div>
    );
  }
  if (thread === undefined) {
    return (
      <div className="unopened">
        {problem ? (
          <>
            <ProblemNote problem={problem} />
            <Link href={PATTERNS.home}>{words.home}</Link>
          </>
        ) : (
          <p role="status">{words.opening}</p>
        )}
      </div>
    );
  }
  return (
    <div className="conversation">
      <Conversation
        client={client}
        threadId={threadId}
        onFork={(until) => void fork(threadId, until)}
        onTitle={(title) => retitleThread(queries, threadId, title)}
        onAnswer={() => {
          if (thread.title === null) {
            void queries.invalidateQueries({ queryKey: threadKey(threadId) });
          }
        }}
      />
    </div>
  );
}
