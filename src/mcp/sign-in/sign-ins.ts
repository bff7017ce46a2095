/** The sign-ins to connected servers: begun, completed, renewed by one at a time, and ended. */
import { generateRandomCodeVerifier, generateRandomState } from "oauth4webapi";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { McpServerId, UserId } from "../../protocol/ids.ts";
import { judgedAddress } from "../address.ts";
import { McpFailure } from "../failure.ts";
import type { AccessToken } from "../session.ts";
import {
  isSignedIn,
  type KnownSignIn,
  LOST_SIGN_IN,
  type Refusable,
  type Signed,
  type SignInBook,
} from "./book.ts";
import { discoverAuthority } from "./discovery.ts";
import { authorizationUrl, redeem } from "./grants.ts";
import { type GuardedFetch, guardedFetch, type Reach } from "./guarded-fetch.ts";
import type { OAuthClient, Pending, SignInServer } from "./kept.ts";
import { clientFor, type GivenClient, type OwnAddresses } from "./registration.ts";
import { renewing } from "./renewal.ts";
import { revokeForgotten } from "./revocation.ts";

interface SignInParts extends Reach {
  readonly book: SignInBook;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Has work go on where whoever asked for it leaves: the platform ends a request's own work with it, and a
   * server whose answer is lost has spent the code, or the refresh token, that it was shown.
   */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

export class McpSignIns {
  readonly #parts: SignInParts;
  readonly #fetch: GuardedFetch;

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.#fetch = guardedFetch(parts);
  }

  /**
   * Finds out where one signs in to a server, and as whom we ask there.
   * @param given a client that the user registered; null for one that comes about by itself.
   * @returns where the browser goes, and the state that it has to bring back.
   * @throws {McpFailure}, or {@link ApexError} `invalid_fields` where a client has to be given.
   */
  async start(
    userId: UserId,
    server: Signed,
    given: GivenClient | null,
    own: OwnAddresses,
  ): Promise<{ url: URL; state: string }> {
    const { book, isDevelopment } = this.#parts;
    const known = await book.find(userId, server.id);
    const address = judgedAddress(server.url, isDevelopment);
    const challenge = known?.challenge ?? { resourceMetadata: null, scope: null };
    const place = { fetch: this.#fetch, isDevelopment };
    const authority = await discoverAuthority(address, challenge, place);
    const client =
      (given === null ? this.#reusable(known, authority.server, own) : null) ??
      (await clientFor(authority.server, given, own, this.#fetch));
    const state = generateRandomState();
    const pending = { authority, client, state, code_verifier: generateRandomCodeVerifier() };
    await book.begin(userId, server.id, pending);
    return { url: await authorizationUrl(pending), state };
  }

  /**
   * Completes a sign-in with what the browser brought back. It is spent before the server is asked, so
   * that an answer counts once, however it ends.
   * @param state of the sign-in that this browser began.
   * @throws {McpFailure}
   */
  async finish(
    userId: UserId,
    id: McpServerId,
    state: string,
    answer: URLSearchParams,
  ): Promise<void> {
    const { book, waitUntil } = this.#parts;
    const known = await book.find(userId, id);
    const pending = known?.pending ?? null;
    const mark = known?.mark ?? null;
    if (pending === null || mark === null || pending.state !== state) throw another();
    if (!(await book.take(userId, id, mark))) throw another();
    const completed = this.#complete(userId, id, pending, answer);
    waitUntil(completed.catch(() => undefined));
    await completed;
  }

  async #complete(
    userId: UserId,
    id: McpServerId,
    pending: Pending,
    answer: URLSearchParams,
  ): Promise<void> {
    const { book, clock, log } = this.#parts;
    const tokens = await redeem(pending, answer, this.#fetch, clock.now());
    const { authority, client } = pending;
    const kept = { authority, client, tokens };
    if (await book.complete(userId, id, kept)) return;
    await revokeForgotten(id, kept, { fetch: this.#fetch, log });
    throw another();
  }

  /** @returns the access token of whoever signed in to a server, for a visit there. */
  tokenOf(userId: UserId, server: Signed): AccessToken & Refusable {
    return renewing(userId, server, { ...this.#parts, fetch: this.#fetch });
  }

  /**
   * Forgets a sign-in at once.
   * @returns the rest, which may take a while: its tokens are revoked, where the server offers that.
   */
  async forget(userId: UserId, id: McpServerId): Promise<() => Promise<void>> {
    const { book, log } = this.#parts;
    const known = await book.find(userId, id);
    if (known === null) return () => Promise.resolve();
    await book.forget(userId, id);
    return async () => {
      if (!isSignedIn(known.kept)) return;
      await revokeForgotten(id, known.kept, { fetch: this.#fetch, log });
    };
  }

  /** A client that was registered there before is the same again, for as long as it is one. */
  #reusable(
    known: KnownSignIn | null,
    { issuer }: SignInServer,
    { redirectUri }: OwnAddresses,
  ): OAuthClient | null {
    const earlier = known?.kept === LOST_SIGN_IN ? null : known?.kept;
    for (const each of [earlier, known?.pending]) {
      const client = each?.client;
      if (!client || each.authority.server.issuer !== issuer) continue;
      const { secret_expires_at: end, redirect_uri } = client;
      const isOver = end !== 0 && end * 1_000 <= this.#parts.clock.now();
      if (redirect_uri === redirectUri && !isOver) return client;
    }
    return null;
  }
}

function another(): McpFailure {
  const reason = "This answer is for another sign-in, or for one that is over. Please start again.";
  return new McpFailure(reason, { alive: true });
}
