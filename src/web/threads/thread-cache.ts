/** The threads that the page has loaded: one truth for the list, the open thread, and what is told of them. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { ThreadPage } from "../../protocol/api.ts";
import type { Thread } from "../../protocol/entities.ts";
import type { ThreadId } from "../../protocol/ids.ts";

/** The key of the list. */
export const THREADS = ["threads"] as const;

export type LoadedThreads = InfiniteData<ThreadPage, string | null>;

/** The key of one thread; its data is null once it was deleted. */
export function threadKey(id: ThreadId) {
  return ["thread", id] as const;
}

/** The key of the title that a thread was told to have. */
function titleKey(id: ThreadId) {
  return ["thread-title", id] as const;
}

/** @returns the thread with the title it was told to have, where the history is yet to hear of it. */
export function withToldTitle(queries: QueryClient, thread: Thread): Thread {
  const told = queries.getQueryData<string | null>(titleKey(thread.id));
  return thread.title === null && told != null ? { ...thread, title: told } : thread;
}

/** @returns every loaded thread once, the newest first: ids sort by creation, so it is the server's order. */
export function flatten(loaded: LoadedThreads | undefined): readonly Thread[] {
  const threads = loaded?.pages.flatMap(({ data }) => data) ?? [];
  const byId = new Map(threads.map((thread) => [thread.id, thread]));
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1));
}

/** @returns the thread as it is known; null where it was deleted, undefined where nothing is known. */
export function knownThread(queries: QueryClient, id: ThreadId): Thread | null | undefined {
  const one = queries.getQueryData<Thread | null>(threadKey(id));
  if (one !== undefined) return one;
  return flatten(queries.getQueryData<LoadedThreads>(THREADS)).find((thread) => thread.id === id);
}

/** Takes over how a thread is now; one that is not listed comes into the list, where that reaches so far. */
export function putThread(queries: QueryClient, given: Thread): void {
  const thread = withToldTitle(queries, given);
  queries.setQueryData(threadKey(thread.id), thread);
  queries.setQueryData<LoadedThreads>(THREADS, (loaded) => loaded && withThread(loaded, thread));
}

/** Takes over a title that a thread was given, also for when the thread is known. */
export function retitleThread(queries: QueryClient, id: ThreadId, title: string | null): void {
  queries.setQueryData(titleKey(id), title);
  const thread = knownThread(queries, id);
  if (thread && thread.title !== title) putThread(queries, { ...thread, title });
}

/** Forgets a thread that was deleted. */
export function dropThread(queries: QueryClient, id: ThreadId): void {
  queries.setQueryData(threadKey(id), null);
  queries.setQueryData<LoadedThreads>(
    THREADS,
    (loaded) => loaded && mapPages(loaded, (data) => data.filter((thread) => thread.id !== id)),
  );
}

function withThread(loaded: LoadedThreads, thread: Thread): LoadedThreads {
  const isListed = loaded.pages.some(({ data }) => data.some(({ id }) => id === thread.id));
  if (isListed) {
    return mapPages(loaded, (data) => data.map((one) => (one.id === thread.id ? thread : one)));
  }
  const last = loaded.pages.at(-1);
  const oldest = last?.data.at(-1);
  // What the next page brings in its turn would only stand at a wrong place before it.
  if (last?.has_more && oldest && thread.id < oldest.id) return loaded;
  return mapPages(loaded, (data, index) => (index === 0 ? [thread, ...data] : data));
}

function mapPages(
  loaded: LoadedThreads,
  change: (data: Thread[], index: number) => Thread[],
): LoadedThreads {
  const pages = loaded.pages.map((page, index) => ({ ...page, data: change(page.data, index) }));
  return { ...loaded, pages };
}
