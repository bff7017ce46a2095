/** Keeps the sign-in between visits, and lets every tab of the browser know when it changes. */
import {
  type CredentialStore,
  isStoredCredentials,
  type StoredCredentials,
} from "../../client/index.ts";

const KEY = "apex-edge.credentials";

/** The SDK's store, which a component can follow as well. */
export interface BrowserStore extends CredentialStore {
  /** @returns the credentials as they are written, or null: equal text means nothing changed. */
  read(): string | null;
  /** Calls back after each change, made here or in another tab; the result ends that. */
  subscribe(changed: () => void): () => void;
}

/** @returns the store over this origin's local storage. */
export function browserStore(): BrowserStore {
  const changes = new EventTarget();
  const announce = () => changes.dispatchEvent(new Event("change"));
  const read = () => localStorage.getItem(KEY);
  return {
    read,
    load: async () => parseCredentials(read()),
    save: async (credentials) => {
      localStorage.setItem(KEY, JSON.stringify(credentials));
      announce();
    },
    clear: async () => {
      localStorage.removeItem(KEY);
      announce();
    },
    subscribe(changed) {
      changes.addEventListener("change", changed);
      // The browser sends `storage` to the other tabs only.
      addEventListener("storage", changed);
      return () => {
        changes.removeEventListener("change", changed);
        removeEventListener("storage", changed);
      };
    },
  };
}

/** @returns the credentials a text holds; null where it is missing or not what was written. */
export function parseCredentials(text: string | null): StoredCredentials | null {
  try {
    const held: unknown = JSON.parse(text ?? "null");
    return isStoredCredentials(held) ? held : null;
  } catch {
    return null;
  }
}

/**
 * One tab at a time renews the tokens, because a refresh token serves once. Browsers offer Web Locks
 * on secure origins only; elsewhere, as on a colleague's plain-HTTP machine, tabs take their chance.
 */
export async function oneTabAtATime<Result>(work: () => Promise<Result>): Promise<Result> {
  return isSecureContext ? navigator.locks.request(KEY, work) : work();
}
