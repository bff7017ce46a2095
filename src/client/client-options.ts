/** What a client is made with. */
import type { SocketConstructor } from "./connection-ports.ts";
import type { Fetch } from "./http.ts";
import type { CredentialStore, Exclusive } from "./session.ts";

/** Where the server is, and what stands in for what a runtime lacks. */
export interface ClientOptions {
  /** Where the server stands: `https://chat.example.com`. */
  readonly baseUrl: string;
  /** For programs: an API key, in place of signing in. */
  readonly apiKey?: string;
  /** Where the credentials are kept; in memory where none is given. */
  readonly store?: CredentialStore;
  /** Wraps every renewal, so that several holders of one store never renew at once. */
  readonly exclusive?: Exclusive;
  /**
   * Opens each socket with a one-time ticket, asked for anew at every dial, instead of the access
   * token in a subprotocol: for networks that log the headers of an upgrade.
   */
  readonly tickets?: boolean;
  readonly fetch?: Fetch;
  readonly WebSocket?: SocketConstructor;
}
