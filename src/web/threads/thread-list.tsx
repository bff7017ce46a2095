/** The way to every thread: begin one, search, choose one by mouse or keyboard. */
import { PlusIcon, SearchIcon } from "../design/icons.tsx";
import "./threads.css";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import type { Thread } from "../../protocol/entities.ts";
import type { ThreadId } from "../../protocol/ids.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import { NewThreadButton } from "./new-thread-button.tsx";
import { SearchResults } from "./search-results.tsx";
import { groupsOf } from "./thread-groups.ts";
import { ThreadItem } from "./thread-item.tsx";
import { ThreadMenu } from "./thread-menu.tsx";
import { useThreadActions } from "./threads-context.ts";
import { useSearch } from "./use-search.ts";
import { useThreadList } from "./use-threads.ts";
import { walkRows } from "./walk-rows.ts";

/** @param openId the thread that is shown. */
export function ThreadList({ openId }: { readonly openId: ThreadId | null }) {
  const { threads: words } = useWords();
  const [typed, setTyped] = useState("");
  const search = useSearch(typed);

  return (
    <nav className="threads" aria-label={words.list} onKeyDown={walkRows}>
      <NewThreadButton className="begin">
        <PlusIcon />
        {words.begin}
      </NewThreadButton>
      <SearchBox typed={typed} onType={setTyped} />
      <div className="threads-scroll">
        {search.words === null ? <AllThreads openId={openId} /> : <SearchResults search={search} />}
      </div>
    </nav>
  );
}

function SearchBox(props: { readonly typed: string; readonly onType: (words: string) => void }) {
  const { threads: words } = useWords();
  const { typed, onType } = props;

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === "Escape") onType("");
    if (event.key !== "Enter") return;
    event.currentTarget.closest("nav")?.querySelector<HTMLElement>("a[data-row]")?.click();
  }

  return (
    <search className="thread-search">
      <SearchIcon />
      <input
        type="search"
        data-row
        data-search
        aria-label={words.searchHint}
        aria-keyshortcuts={words.searchKeys}
        placeholder={words.search}
        maxLength={200}
        value={typed}
        onChange={(event) => onType(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </search>
  );
}

function AllThreads({ openId }: { readonly openId: ThreadId | null }) {
  const { threads: words, locale } = useWords();
  const { hidden, live } = useThreadActions();
  const { threads, isKnown, pending, problem, loadMore } = useThreadList();
  const [chosen, setChosen] = useState<Thread | null>(null);
  const [renamed, setRenamed] = useState<ThreadId | null>(null);
  const menuId = useId();
  const shown = useMemo(() => threads.filter(({ id }) => !hidden.has(id)), [threads, hidden]);
  const groups = useMemo(() => groupsOf(shown, words, locale), [shown, words, locale]);

  return (
    <>
      <ul aria-label={words.list} aria-busy={pending}>
        {groups.map((group) => (
          <li key={group.name}>
            <h2 className="group-name">{group.name}</h2>
            <ul>
              {group.threads.map((thread) => (
                <ThreadItem
                  key={thread.id}
                  thread={thread}
                  isOpen={thread.id === openId}
                  isLive={live.has(thread.id)}
                  isRenamed={thread.id === renamed}
                  menuId={menuId}
                  onMenu={setChosen}
                  onRename={setRenamed}
                />
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {!isKnown && problem === null && <ComingThreads />}
      {isKnown && !pending && problem === null && shown.length === 0 && (
        <p className="hint">{words.none}</p>
      )}
      <ProblemNote problem={problem} />
      {loadMore && <LoadMore disabled={pending} hasFailed={problem !== null} onLoad={loadMore} />}
      <ThreadMenu id={menuId} thread={chosen} onRename={({ id }) => setRenamed(id)} />
    </>
  );
}

/** Stands where the first threads will be. */
function ComingThreads() {
  const { frame } = useWords();
  return (
    <div className="coming-threads">
      <p className="visually-hidden" role="status">
        {frame.loading}
      </p>
      <span className="skeleton" />
      <span className="skeleton" />
      <span className="skeleton" />
    </div>
  );
}

interface LoadMoreProps {
  readonly disabled: boolean;
  readonly hasFailed: boolean;
  readonly onLoad: () => void;
}

/** Loads by itself as it comes into sight; what failed waits for a person. */
function LoadMore({ disabled, hasFailed, onLoad }: LoadMoreProps) {
  const { threads: words } = useWords();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (button.current === null || disabled || hasFailed) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) onLoad();
    });
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [disabled, hasFailed, onLoad]);
  return (
    <button ref={button} type="button" disabled={disabled} onClick={onLoad}>
      {words.loadMore}
    </button>
  );
}
