/** The list of threads: choose one, begin one, load older ones. */
import "./threads.css";
import { Link, useLocation } from "wouter";
import type { Thread } from "../../protocol/entities.ts";
import type { ThreadId } from "../../protocol/ids.ts";
import { pathOf } from "../paths.ts";
import { ProblemNote } from "../problem-note.tsx";
import { type Threads, titleOf } from "./use-threads.ts";

interface Props {
  readonly threads: Threads;
  readonly openId: ThreadId | null;
}

/** The way to every thread the person has. */
export function ThreadList({ threads, openId }: Props) {
  const [, goTo] = useLocation();
  return (
    <nav className="threads" aria-label="Threads">
      <button
        type="button"
        className="primary"
        disabled={threads.pending}
        onClick={() => void threads.create((id) => goTo(pathOf(id)))}
      >
        New thread
      </button>
      <ProblemNote problem={threads.problem} />
      <ul aria-label="Threads" aria-busy={threads.pending}>
        {threads.list.map((thread) => (
          <li key={thread.id}>
            <ThreadLink thread={thread} isOpen={thread.id === openId} />
          </li>
        ))}
      </ul>
      {threads.loadMore && (
        <button type="button" disabled={threads.pending} onClick={() => void threads.loadMore?.()}>
          Load more
        </button>
      )}
    </nav>
  );
}

function ThreadLink({ thread, isOpen }: { readonly thread: Thread; readonly isOpen: boolean }) {
  return (
    <Link href={pathOf(thread.id)} aria-current={isOpen ? "page" : undefined}>
      {titleOf(thread)}
    </Link>
  );
}
