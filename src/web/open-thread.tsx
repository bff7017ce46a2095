/** The thread the URL names: found first, then shown with all that can be done to it. */
import { useEffect, useEffectEvent } from "react";
import { useLocation } from "wouter";
import type { ApexClient } from "../client/index.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { useAttempt } from "./attempt.ts";
import { Conversation } from "./conversation/conversation.tsx";
import { PATTERNS } from "./paths.ts";
import { ProblemNote } from "./problem-note.tsx";
import { ThreadHeader } from "./threads/thread-header.tsx";
import { type Threads, titleOf } from "./threads/use-threads.ts";

interface Props {
  readonly client: ApexClient;
  readonly threads: Threads;
  readonly threadId: ThreadId;
}

/** Give it the thread's id as its key: another thread begins afresh. */
export function OpenThread({ client, threads, threadId }: Props) {
  const { problem, run } = useAttempt();
  const [, goTo] = useLocation();
  const thread = threads.list.find(({ id }) => id === threadId);
  const title = thread && titleOf(thread);

  const find = useEffectEvent(() => {
    if (thread === undefined) void run(() => threads.open(threadId));
  });
  useEffect(() => find(), []);

  useEffect(() => {
    document.title = title ? `${title} · Apex Edge` : "Apex Edge";
    return () => {
      document.title = "Apex Edge";
    };
  }, [title]);

  return (
    <div className="conversation">
      {title === undefined ? (
        <div className="unopened">{problem ? <ProblemNote problem={problem} /> : "Opening…"}</div>
      ) : (
        <>
          <ThreadHeader
            title={title}
            onRename={(changed) => threads.rename(threadId, changed)}
            onDelete={() => threads.remove(threadId, () => goTo(PATTERNS.home))}
          />
          <Conversation
            client={client}
            threadId={threadId}
            onTitle={(given) => threads.retitle(threadId, given)}
            onAnswer={() => {
              if (thread?.title === null) void run(() => threads.open(threadId));
            }}
          />
        </>
      )}
    </div>
  );
}
