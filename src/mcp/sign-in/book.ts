/** The interface to stored sign-ins, for the code that begins, renews and ends them. */
import type { McpServerId, UserId } from "../../protocol/ids.ts";
import type { Challenge } from "../failure.ts";
import type { SignedIn } from "./grants.ts";
import type { Kept, Pending } from "./kept.ts";

/** In place of a sign-in that none of our keys decrypts any more. */
export const LOST_SIGN_IN = Symbol("lost sign-in");

/** A stored sign-in, decrypted. */
export interface KnownSignIn {
  readonly status: "needed" | "signed_in" | "needed_again";
  readonly challenge: Challenge;
  readonly kept: Kept | null | typeof LOST_SIGN_IN;
  readonly pending: Pending | null;
  /** Identifies the sign-in under way; null if there is none. */
  readonly mark: string | null;
  /** Grows with each change. What was learned from one version does not hold for the next. */
  readonly version: number;
}

/** Where sign-ins are stored. */
export interface SignInBook {
  find(userId: UserId, id: McpServerId): Promise<KnownSignIn | null>;
  /** Stores that the server asks for a sign-in, unless there is a later version. */
  need(
    userId: UserId,
    id: McpServerId,
    challenge: Challenge | null,
    version: number,
  ): Promise<void>;
  /** Stores a sign-in under way, in place of any earlier one for this server. */
  begin(userId: UserId, id: McpServerId, pending: Pending): Promise<void>;
  /** @returns whether this was the sign-in under way. It is true for exactly one caller, once. */
  take(userId: UserId, id: McpServerId, mark: string): Promise<boolean>;
  /**
   * Stores the result of a sign-in.
   * @returns false if the server's address has changed meanwhile.
   */
  complete(userId: UserId, id: McpServerId, kept: Kept): Promise<boolean>;
  /**
   * Stores renewed tokens.
   * @returns false if there is another version by now.
   */
  save(
    userId: UserId,
    id: McpServerId,
    kept: Kept,
    status: KnownSignIn["status"],
    version: number,
  ): Promise<boolean>;
  /**
   * Asks for the sole right to renew this version until a time, in milliseconds since the Unix epoch.
   * @returns whether the caller has it.
   */
  lease(
    userId: UserId,
    id: McpServerId,
    version: number,
    time: { readonly now: number; readonly until: number },
  ): Promise<boolean>;
  forget(userId: UserId, id: McpServerId): Promise<void>;
}

/** A server with a sign-in. */
export interface Signed {
  readonly id: McpServerId;
  readonly url: string;
}

/** To be told that a server refused a token, or asks for a sign-in. */
export interface Refusable {
  refused(challenge: Challenge | null): Promise<void>;
}

/** @returns whether there is everything needed to call the server in the user's name. */
export function isSignedIn(kept: KnownSignIn["kept"]): kept is SignedIn {
  return kept !== null && kept !== LOST_SIGN_IN && kept.client !== null && kept.tokens !== null;
}
