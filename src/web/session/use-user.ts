/** Who is signed in, as the store tells it: one truth for every component and every tab. */
import { useMemo, useSyncExternalStore } from "react";
import type { User } from "../../protocol/entities.ts";
import { type BrowserStore, parseCredentials } from "./browser-store.ts";

/** @returns the user, or null while nobody is signed in; follows every change. */
export function useUser(store: BrowserStore): User | null {
  const text = useSyncExternalStore(store.subscribe, store.read);
  return useMemo(() => parseCredentials(text)?.user ?? null, [text]);
}
