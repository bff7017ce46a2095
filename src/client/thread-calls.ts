/** The client's calls about threads as a whole: kept, searched, forked, taken along and shared. */
import type {
  CreateThreadBody,
  ForkThreadBody,
  ThreadPage,
  ThreadsQuery,
  UpdateThreadBody,
} from "../protocol/api.ts";
import type { Thread } from "../protocol/entities.ts";
import type { SearchPage, SearchQuery, ThreadExportFormat } from "../protocol/history.ts";
import type { RunId, ThreadId } from "../protocol/ids.ts";
import type {
  CreatedThreadShare,
  SharedMessage,
  SharedThread,
  ThreadShare,
  ThreadShareState,
} from "../protocol/sharing.ts";
import { boolean, type Check, count, list, nullable, object, text } from "./checks.ts";
import { isMessageStatus, isRole, isThread, isThreadPage } from "./entities.ts";
import { type HttpRequest, isNothing } from "./http.ts";

/** How requests go out in the user's name. */
export interface Caller {
  call<Answer>(isAnswer: Check<Answer>, request: HttpRequest): Promise<Answer>;
  text(request: HttpRequest): Promise<string>;
}

const PAGE = { has_more: boolean, next_cursor: nullable(text) };

const isSearchPage: Check<SearchPage> = object<
  Omit<SearchPage, "page" | "limit" | "total" | "pages">
>({
  data: list(
    object<SearchPage["data"][number]>({
      thread_id: text<ThreadId>,
      thread_title: nullable(text),
      message_id: text,
      run_id: text<RunId>,
      role: isRole,
      snippet: text,
      created_at: text,
    }),
  ),
  threads: list(isThread),
  ...PAGE,
});

const share = { created_at: text, renewed_at: text };
const isShare = object<ThreadShare>(share);
const isShareState = object<ThreadShareState>({ share: nullable(isShare) });
const isCreatedShare = object<CreatedThreadShare>({ ...share, token: text, path: text });

/** A shared thread, as its link shows it. */
export const isSharedThread = object<SharedThread>({
  title: nullable(text),
  shared_at: text,
  data: list(
    object<SharedMessage>({
      seq: count,
      role: isRole,
      content: text,
      status: isMessageStatus,
      created_at: text,
    }),
  ),
  ...PAGE,
});

/** @returns the calls, each in the name of who is signed in. */
export function threadCalls({ call, text: read }: Caller) {
  return {
    /** Makes a thread. */
    create: (body: CreateThreadBody = {}): Promise<Thread> =>
      call(isThread, { method: "POST", path: "/api/threads", body }),
    /** A page of one's threads. */
    list: (query: Partial<ThreadsQuery> = {}): Promise<ThreadPage> =>
      call(isThreadPage, { method: "GET", path: "/api/threads", query }),
    /** Threads by their titles, and messages of all threads by what they say. */
    search: (query: Pick<SearchQuery, "q"> & Partial<SearchQuery>): Promise<SearchPage> =>
      call(isSearchPage, { method: "GET", path: "/api/search", query }),
    /** A thread. */
    get: (id: ThreadId): Promise<Thread> => call(isThread, { method: "GET", path: threadPath(id) }),
    /** Changes title or metadata of a thread. */
    update: (id: ThreadId, body: UpdateThreadBody): Promise<Thread> =>
      call(isThread, { method: "PATCH", path: threadPath(id), body }),
    /** Copies the conversation up to a message into a new thread. */
    fork: (id: ThreadId, body: ForkThreadBody): Promise<Thread> =>
      call(isThread, { method: "POST", path: `${threadPath(id)}/fork`, body }),
    /** A thread as a file: its text, in the form that is asked for. */
    export: (id: ThreadId, format: ThreadExportFormat): Promise<string> =>
      read({ method: "GET", path: `${threadPath(id)}/export`, query: { format } }),
    /**
     * Deletes a thread with all that was said in it.
     * @param options `keepalive`: the request is completed even if the page is being closed.
     */
    delete: (id: ThreadId, options: { readonly keepalive?: boolean } = {}): Promise<void> =>
      call(isNothing, { method: "DELETE", path: threadPath(id), ...options }),
    /** Makes a link for others to read the thread as it is now; one made before opens nothing more. */
    share: (id: ThreadId): Promise<CreatedThreadShare> =>
      call(isCreatedShare, { method: "POST", path: sharePath(id) }),
    /** Shows what was said since, too. @throws ApexError `not_found` where the thread is not shared. */
    renewShare: (id: ThreadId): Promise<ThreadShare> =>
      call(isShare, { method: "PUT", path: sharePath(id) }),
    /** Whether a thread is shared, and since when. */
    shareOf: (id: ThreadId): Promise<ThreadShareState> =>
      call(isShareState, { method: "GET", path: sharePath(id) }),
    /** Takes the link back: it opens nothing from now on. */
    unshare: (id: ThreadId): Promise<void> =>
      call(isNothing, { method: "DELETE", path: sharePath(id) }),
  };
}

/** @returns the path of a thread, below which its own things are. */
export function threadPath(id: ThreadId): string {
  return `/api/threads/${encodeURIComponent(id)}`;
}

function sharePath(id: ThreadId): string {
  return `${threadPath(id)}/share`;
}
