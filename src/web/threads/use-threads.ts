/** The person's threads, page by page, and each by itself. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ThreadPage } from "../../protocol/api.ts";
import type { Thread } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { ThreadId } from "../../protocol/ids.ts";
import { useSignedIn } from "../client-context.ts";
import {
  flatten,
  knownThread,
  type LoadedThreads,
  putThread,
  THREADS,
  threadKey,
  withToldTitle,
} from "./thread-cache.ts";

/** How many threads are asked for at once. */
const PAGE = 50;

/** The loaded part of the list. */
export interface ThreadList {
  /** Newest first. */
  readonly threads: readonly Thread[];
  /** Whether a page is there: until then, no threads does not mean that there are none. */
  readonly isKnown: boolean;
  readonly pending: boolean;
  /** Why the list, or more of it, could not be loaded. */
  readonly problem: ApexError | null;
  /** Loads the next page, again after it failed; null where there is none. */
  readonly loadMore: (() => void) | null;
}

/** @returns the threads of who is signed in, beginning with the newest page. */
export function useThreadList(): ThreadList {
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const list = useInfiniteQuery<ThreadPage, Error, LoadedThreads, readonly string[], string | null>(
    {
      queryKey: THREADS,
      async queryFn({ pageParam }) {
        const query = { limit: PAGE, ...(pageParam !== null && { cursor: pageParam }) };
        const page = await client.threads.list(query);
        return { ...page, data: page.data.map((thread) => withToldTitle(queries, thread)) };
      },
      initialPageParam: null,
      getNextPageParam: (page) => page.next_cursor,
    },
  );
  const loadMore = list.data === undefined ? list.refetch : list.fetchNextPage;
  const isMore = list.hasNextPage || list.isError;
  return {
    threads: flatten(list.data),
    isKnown: list.data !== undefined,
    pending: list.isFetching,
    problem: list.error && ApexError.from(list.error),
    loadMore: isMore ? () => void loadMore() : null,
  };
}

/** One thread: undefined until it is found, null once it was deleted. */
export function useThreadOf(id: ThreadId) {
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const { data, error } = useQuery<Thread | null>({
    queryKey: threadKey(id),
    queryFn: async () => withToldTitle(queries, await client.threads.get(id)),
    initialData: () => knownThread(queries, id),
  });
  return { thread: data, problem: error && ApexError.from(error) };
}

/** Begins a thread, for its id. */
export function useNewThread() {
  const { client } = useSignedIn();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => client.threads.create({}),
    onSuccess: (thread) => putThread(queries, thread),
  });
}

/** Gives a thread another title: shown at once, and taken back where the server refuses it. */
export function useRename(thread: Thread) {
  const { client } = useSignedIn();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (title: string) => client.threads.update(thread.id, { title }),
    onMutate: (title) => putThread(queries, { ...thread, title }),
    onSuccess: (renamed) => putThread(queries, renamed),
    onError: () => putThread(queries, thread),
  });
}
