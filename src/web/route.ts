/** Where the person is, kept in the URL: `/t/<thread id>`, or anything else for no thread. */
import { useSyncExternalStore } from "react";
import { ThreadId } from "../protocol/ids.ts";

/** @returns the thread a path names, or null where it names none. */
export function threadOf(path: string): ThreadId | null {
  const segment = /^\/t\/([^/]+)\/?$/.exec(path)?.[1];
  if (segment === undefined) return null;
  const id = ThreadId.safeParse(decode(segment));
  return id.success ? id.data : null;
}

/** @returns the path of a thread, or of the page without one. */
export function pathOf(threadId: ThreadId | null): string {
  return threadId === null ? "/" : `/t/${encodeURIComponent(threadId)}`;
}

/** Goes to a thread, as a new entry of the browser's history. */
export function goTo(threadId: ThreadId | null): void {
  history.pushState(null, "", pathOf(threadId));
  // The browser announces only its own back and forward; the page hears of both in one way.
  dispatchEvent(new PopStateEvent("popstate"));
}

/** @returns the thread the URL names now, and follows it. */
export function useRoute(): ThreadId | null {
  return threadOf(useSyncExternalStore(subscribe, () => location.pathname));
}

function subscribe(changed: () => void): () => void {
  addEventListener("popstate", changed);
  return () => removeEventListener("popstate", changed);
}

/** A hand-typed path may hold a broken escape; then the segment is taken as it stands. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
