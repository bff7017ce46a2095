/** Where sign-ins are kept, as those who begin, renew and end them need it. */
import type { McpServerId, UserId } from "../../protocol/ids.ts";
import type { Challenge } from "../failure.ts";
import type { SignedIn } from "./grants.ts";
import type { Kept, Pending } from "./kept.ts";

/** What stands for a sign-in that no key of ours opens any more. */
export const LOST_SIGN_IN = Symbol("lost sign-in");

/** A sign-in as it is stored, in the clear. */
export interface KnownSignIn {
  readonly status: "needed" | "signed_in" | "needed_again";
  readonly challenge: Challenge;
  readonly kept: Kept | null | typeof LOST_SIGN_IN;
  readonly pending: Pending | null;
  /** By which the sign-in under way is told from any other; null where there is none. */
  readonly mark: string | null;
  /** Counts what became of it: what was learned of one version says nothing of the next. */
  readonly version: number;
}

/** Where sign-ins are kept. */
export interface SignInBook {
  find(userId: UserId, id: McpServerId): Promise<KnownSignIn | null>;
  /** Remembers that the server asks for a sign-in; one of a later version stands. */
  need(
    userId: UserId,
    id: McpServerId,
    challenge: Challenge | null,
    version: number,
  ): Promise<void>;
  /** Keeps a sign-in under way in place of any other of this server. */
  begin(userId: UserId, id: McpServerId, pending: Pending): Promise<void>;
  /** @returns whether the sign-in under way was this one: true once, for exactly one who asks. */
  take(userId: UserId, id: McpServerId, mark: string): Promise<boolean>;
  /** Keeps what a sign-in gave. @returns false where the server is at another address by now. */
  complete(userId: UserId, id: McpServerId, kept: Kept): Promise<boolean>;
  /** Keeps what a renewal gave. @returns false where another version is there by now. */
  save(
    userId: UserId,
    id: McpServerId,
    kept: Kept,
    status: KnownSignIn["status"],
    version: number,
  ): Promise<boolean>;
  /** @returns whether this version may be renewed by who asks, who has until then. In milliseconds. */
  lease(
    userId: UserId,
    id: McpServerId,
    version: number,
    time: { readonly now: number; readonly until: number },
  ): Promise<boolean>;
  forget(userId: UserId, id: McpServerId): Promise<void>;
}

/** A server that is signed in to. */
export interface Signed {
  readonly id: McpServerId;
  readonly url: string;
}

/** Told that a server refused what it was shown, or that nobody was signed in. */
export interface Refusable {
  refused(challenge: Challenge | null): Promise<void>;
}

/** @returns whether there is all that it takes to ask in the user's name. */
export function isSignedIn(kept: KnownSignIn["kept"]): kept is SignedIn {
  return kept !== null && kept !== LOST_SIGN_IN && kept.client !== null && kept.tokens !== null;
}
