/** Whether the browser has a network at all: it knows before a connection can tell. */
import { useSyncExternalStore } from "react";

/** @returns what `navigator.onLine` says, and follows it. */
export function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine);
}

function subscribe(changed: () => void): () => void {
  addEventListener("online", changed);
  addEventListener("offline", changed);
  return () => {
    removeEventListener("online", changed);
    removeEventListener("offline", changed);
  };
}
