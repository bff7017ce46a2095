/** The person's threads, as far as they were loaded: one list that the whole page agrees on. */
import { useEffect, useEffectEvent, useState } from "react";
import type { ApexClient } from "../../client/index.ts";
import type { Thread } from "../../protocol/entities.ts";
import type { ApexError } from "../../protocol/errors.ts";
import type { ThreadId } from "../../protocol/ids.ts";
import { useAttempt } from "../attempt.ts";

/** The loaded threads, and all that can be done to them. */
export interface Threads {
  /** Newest first. */
  readonly list: readonly Thread[];
  readonly pending: boolean;
  /** Why the list could not be loaded, or a thread not be made. */
  readonly problem: ApexError | null;
  /** Loads the next page, again after it failed; null where there is none. */
  readonly loadMore: (() => Promise<void>) | null;
  /** Makes a thread, then calls back with its id. */
  create(then: (id: ThreadId) => void): Promise<void>;
  /** @throws {ApexError} `not_found`, where the person has no such thread. */
  open(id: ThreadId): Promise<void>;
  /** @throws {ApexError} `invalid_fields`, where the title is not one. */
  rename(id: ThreadId, title: string): Promise<void>;
  /** Takes over a title that another place gave the thread. */
  retitle(id: ThreadId, title: string): void;
  /** Deletes a thread for good, then calls back before it leaves the list. */
  remove(id: ThreadId, then: () => void): Promise<void>;
}

/** @returns the threads of the person the client is signed in as, beginning with the newest page. */
export function useThreads(client: ApexClient): Threads {
  const [list, setList] = useState<readonly Thread[]>([]);
  const [next, setNext] = useState<{ readonly cursor?: string } | null>({});
  const { pending, problem, run } = useAttempt();

  const keep = (threads: readonly Thread[]) => setList((known) => merge(known, threads));
  const load = (query: { readonly cursor?: string }) =>
    run(async () => {
      const { data, next_cursor: cursor } = await client.threads.list(query);
      keep(data);
      setNext(cursor === null ? null : { cursor });
    });
  const loadFirst = useEffectEvent(() => void load({}));
  useEffect(() => loadFirst(), []);

  return {
    list,
    pending,
    problem,
    loadMore: next && (() => load(next)),
    create: (then) =>
      run(async () => {
        const thread = await client.threads.create({});
        keep([thread]);
        then(thread.id);
      }),
    open: async (id) => keep([await client.threads.get(id)]),
    rename: async (id, title) => keep([await client.threads.update(id, { title })]),
    retitle: (id, title) =>
      setList((known) => known.map((thread) => (thread.id === id ? { ...thread, title } : thread))),
    async remove(id, then) {
      await client.threads.delete(id);
      then();
      setList((known) => known.filter((thread) => thread.id !== id));
    },
  };
}

/** @returns what a thread is called, also while it has no title. */
export function titleOf(thread: Thread): string {
  return thread.title ?? "New conversation";
}

/** Later news of a thread wins; ids sort by creation, so the order is the server's own. */
function merge(known: readonly Thread[], news: readonly Thread[]): readonly Thread[] {
  const threads = new Map([...known, ...news].map((thread) => [thread.id, thread]));
  return [...threads.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1));
}
