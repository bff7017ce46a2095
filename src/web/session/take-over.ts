/** After a sign-in at a provider: takes the session that came in cookies over into the page's own store. */
import type { ApexClient } from "../../client/index.ts";
import { type BrowserStore, oneTabAtATime } from "./browser-store.ts";

/** Set by the server beside the session's cookies, for scripts of this host alone. */
const CSRF_COOKIE = "__Host-apex-csrf";

/**
 * Signs the page in where a sign-in has just come back and nobody is signed in here. The CSRF cookie
 * goes then: without it the session's cookies authenticate nothing, and only the store counts.
 */
export async function takeOverSignIn(client: ApexClient, store: BrowserStore): Promise<void> {
  if (csrfTokenOf(document.cookie) === null) return;
  await oneTabAtATime(async () => {
    // Another tab may have done it by now.
    const csrfToken = csrfTokenOf(document.cookie);
    if (csrfToken === null || store.read() !== null) return;
    try {
      await client.takeOver(csrfToken);
    } catch {
      // The session has ended, or the server is away: then the forms are there.
    }
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser.
    document.cookie = `${CSRF_COOKIE}=; Path=/; Secure; SameSite=Strict; Max-Age=0`;
  });
}

/** @returns the CSRF token among a page's cookies, or null where there is none. */
export function csrfTokenOf(cookies: string): string | null {
  const pairs = cookies.split("; ").map((pair) => pair.split("="));
  return pairs.find(([name]) => name === CSRF_COOKIE)?.[1] || null;
}
