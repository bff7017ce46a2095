/** Who is signed in: keeps the credentials, and renews the access token before it runs out. */
import type { User } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import { REFRESH_TOKEN_BYTES, REFRESH_TOKEN_PREFIX } from "../protocol/refresh-token.ts";
import { isCredentials, isStoredCredentials, type StoredCredentials } from "./entities.ts";
import { type HttpClient, type HttpRequest, isNothing } from "./http.ts";

/** Where credentials are kept: memory, a browser's storage, a file. What it loads is checked. */
export interface CredentialStore {
  /** What was kept, unread; anything where there is nothing. */
  load(): Promise<unknown>;
  /** Keeps the credentials in place of what there was. */
  save(credentials: StoredCredentials): Promise<void>;
  /** Forgets them. */
  clear(): Promise<void>;
}

/** @returns a store that forgets with the process. */
export function memoryStore(): CredentialStore {
  let held: StoredCredentials | null = null;
  return {
    load: async () => held,
    save: async (credentials) => {
      held = credentials;
    },
    clear: async () => {
      held = null;
    },
  };
}

/** Runs one piece of work at a time among all who share the store, as Web Locks do for tabs. */
export type Exclusive = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** The share of its life after which a token is renewed: early enough for a slow request. */
const RENEW_AFTER = 0.8;

export class Session {
  readonly #http: HttpClient;
  readonly #store: CredentialStore;
  readonly #exclusive: Exclusive;
  readonly #apiKey: string | undefined;
  #renewal: Promise<StoredCredentials> | null = null;

  /** @param apiKey is used instead of the tokens in the store. */
  constructor(http: HttpClient, store: CredentialStore, exclusive: Exclusive, apiKey?: string) {
    this.#http = http;
    this.#store = store;
    this.#exclusive = exclusive;
    this.#apiKey = apiKey;
  }

  /** @throws {ApexError} as the route says: `credentials_invalid`, `email_taken`, `not_found`. */
  async signIn(path: string, body: unknown): Promise<User> {
    const { user } = await this.#keep({ method: "POST", path, body });
    return user;
  }

  /** Renews a session that is in cookies, and keeps it here. @throws {ApexError} as the route says. */
  async takeOver(csrfToken: string): Promise<User> {
    const headers = { "X-CSRF-Token": csrfToken };
    const { user } = await this.#keep({ method: "POST", path: "/api/auth/refresh", headers });
    return user;
  }

  /** Ends the session on the server and forgets it here, also where the server is out of reach. */
  async signOut(): Promise<void> {
    const held = await this.#load();
    if (held === null) return;
    const { refresh_token } = held;
    const path = "/api/auth/logout";
    await this.#http
      .request(isNothing, { method: "POST", path, body: { refresh_token } })
      .finally(() => this.#store.clear());
  }

  /** Forgets who is signed in, here alone. */
  forget(): Promise<void> {
    return this.#store.clear();
  }

  /**
   * @returns an access token that has not expired.
   * @throws {ApexError} `unauthenticated` where nobody is signed in; as {@link renew} does.
   */
  async accessToken(): Promise<string> {
    if (this.#apiKey !== undefined) return this.#apiKey;
    const held = await this.#load();
    if (held === null) throw signedOut();
    return isFresh(held) ? held.access_token : this.renew(held.access_token);
  }

  /**
   * @param stale the token that is no longer accepted.
   * @returns a new token; concurrent callers share one renewal.
   * @throws {ApexError} `session_ended` where the server no longer knows the session; `unavailable`.
   */
  async renew(stale: string): Promise<string> {
    if (this.#apiKey !== undefined) {
      throw new ApexError("token_invalid", "The API key is not, or no longer, valid.");
    }
    this.#renewal ??= this.#exclusive(() => this.#renew(stale)).finally(() => {
      this.#renewal = null;
    });
    return (await this.#renewal).access_token;
  }

  /** Calls with an access token, and once more with a renewed one where the first is refused. */
  async authorized<Result>(call: (token: string) => Promise<Result>): Promise<Result> {
    const token = await this.accessToken();
    try {
      return await call(token);
    } catch (error) {
      if (!isRefused(error)) throw error;
      return call(await this.renew(token));
    }
  }

  /**
   * Refresh tokens serve once: what another holder of the store has renewed is taken over. The next one
   * is kept before it is asked for, so that a renewal whose answer was lost is asked for again as it was.
   */
  async #renew(stale: string): Promise<StoredCredentials> {
    const held = await this.#load();
    if (held === null) throw signedOut();
    if (held.access_token !== stale && isFresh(held)) return held;
    const { refresh_token, next_refresh_token = newRefreshToken() } = held;
    await this.#store.save({ ...held, next_refresh_token });
    try {
      return await this.#keep({
        method: "POST",
        path: "/api/auth/refresh",
        body: { refresh_token, next_refresh_token },
      });
    } catch (error) {
      if (!isRefused(error)) throw error;
      await this.#store.clear();
      throw new ApexError("session_ended", "Your session has ended. Please sign in again.", {
        cause: error,
      });
    }
  }

  async #keep(request: HttpRequest): Promise<StoredCredentials> {
    const { expires_in, ...rest } = await this.#http.request(isCredentials, request);
    const credentials = { ...rest, renew_at: Date.now() + expires_in * 1000 * RENEW_AFTER };
    await this.#store.save(credentials);
    return credentials;
  }

  async #load(): Promise<StoredCredentials | null> {
    const held = await this.#store.load();
    return isStoredCredentials(held) ? held : null;
  }
}

/** @returns a token as the server draws its own. */
function newRefreshToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(REFRESH_TOKEN_BYTES));
  const text = btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
  return REFRESH_TOKEN_PREFIX + text.replace("=", "");
}

function isFresh(credentials: StoredCredentials): boolean {
  return Date.now() < credentials.renew_at;
}

/** A wrong password says nothing against the token that came along with it. */
function isRefused(error: unknown): boolean {
  return error instanceof ApexError && error.status === 401 && error.code !== "credentials_invalid";
}

function signedOut(): ApexError {
  return new ApexError("unauthenticated", "Nobody is signed in. Please sign in first.");
}
