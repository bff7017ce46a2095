/** The access token of a sign-in: shown, and renewed by exactly one who needs it, however many do at once. */
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { retry } from "../../core/retry.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { UserId } from "../../protocol/ids.ts";
import { McpFailure, SignInNeeded } from "../failure.ts";
import { problemSentence } from "../problems.ts";
import type { AccessToken } from "../session.ts";
import {
  isSignedIn,
  type KnownSignIn,
  LOST_SIGN_IN,
  type Refusable,
  type Signed,
  type SignInBook,
} from "./book.ts";
import { over, refresh, type SignedIn } from "./grants.ts";
import type { GuardedFetch } from "./guarded-fetch.ts";
import type { Kept } from "./kept.ts";
import { revokeForgotten } from "./revocation.ts";

/**
 * How long nobody else renews, in milliseconds: longer than an answer may take. Where there was none, the
 * lease runs on, so that those who waited do not ask one after another.
 */
const LEASE_MS = 10_000;
/** How long one waits for another's renewal, and how often one looks, in milliseconds. */
const WAIT_MS = 6_000;
const LOOK_MS = 100;
/** How often one tries to keep what a renewal gave, which is given once: what it replaces may be spent. */
const SAVING = { tries: 3, initialMs: 200, maxMs: 1_000 } as const;

/** A sign-in that has tokens, and which version of it this is. */
interface Held {
  readonly kept: SignedIn;
  readonly version: number;
}

interface RenewalParts {
  readonly book: Pick<SignInBook, "find" | "need" | "lease" | "save">;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: GuardedFetch;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** @returns the token as one visit uses it. A renewal goes on where the visit is given up: what it gives is kept. */
export function renewing(
  userId: UserId,
  { id, url }: Signed,
  { book, clock, log, fetch, waitUntil }: RenewalParts,
): AccessToken & Refusable {
  /** The version that was last looked at: a refusal is of what that one had. */
  let seen = 0;

  async function find(): Promise<Held | null> {
    const known = await book.find(userId, id);
    seen = known?.version ?? 0;
    if (known === null || known.status === "needed") return null;
    const { kept, status, version } = known;
    if (kept === LOST_SIGN_IN) throw lost();
    if (kept !== null && kept.authority.address !== url) return null;
    if (status === "needed_again" || !isSignedIn(kept)) throw over();
    return { kept, version };
  }

  /** @param stale the token to be replaced: who finds another has nothing to do. */
  async function replaced(stale: string): Promise<string> {
    const giveUpAt = clock.now() + WAIT_MS;
    for (;;) {
      const held = await find();
      if (held === null) throw over();
      const { access_token } = held.kept.tokens;
      if (access_token !== stale) return access_token;
      const turn = renewedInTurn(held);
      waitUntil(turn.catch(() => undefined));
      const renewed = await turn;
      if (renewed !== null) return renewed;
      if (clock.now() >= giveUpAt) throw new McpFailure(problemSentence("sign_in_not_renewed"));
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** @returns null where there is nothing to renew, or it is another's turn: then one has to look again. */
  async function renewedInTurn({ kept, version }: Held): Promise<string | null> {
    const now = clock.now();
    if (!(await book.lease(userId, id, version, { now, until: now + LEASE_MS }))) return null;
    try {
      const renewed = { ...kept, tokens: await refresh(kept, fetch, clock.now()) };
      if (await saved(renewed, "signed_in", version)) return renewed.tokens.access_token;
      await revokeAfterEnd(renewed);
    } catch (error) {
      if (!(error instanceof SignInNeeded)) throw error;
      // A client that was registered there may be what is gone: the next sign-in registers anew.
      const client = kept.client.origin === "registered" ? null : kept.client;
      if (await saved({ ...kept, client, tokens: null }, "needed_again", version)) throw error;
    }
    return null;
  }

  /** @returns false where another version is there by now. */
  async function saved(kept: Kept, status: KnownSignIn["status"], version: number) {
    const isSaved = await retry(() => book.save(userId, id, kept, status, version), {
      ...SAVING,
      clock,
      isRetryable: (error) => ApexError.from(error).code === "unavailable",
    });
    if (isSaved) seen = version + 1;
    return isSaved;
  }

  /** Whoever signed out meanwhile had what there was revoked, and knew nothing of these tokens. */
  async function revokeAfterEnd(renewed: SignedIn): Promise<void> {
    const known = await book.find(userId, id);
    if (known === null || known.kept === null) await revokeForgotten(id, renewed, { fetch, log });
  }

  return {
    async current() {
      const held = await find();
      if (held === null) return null;
      const { access_token, refresh_token, renew_at } = held.kept.tokens;
      if (renew_at === null || renew_at > clock.now() || refresh_token === null) {
        return access_token;
      }
      return await replaced(access_token);
    },
    renew: replaced,
    refused: (challenge) => book.need(userId, id, challenge, seen),
  };
}

function lost(): SignInNeeded {
  return new SignInNeeded(problemSentence("sign_in_lost"), null);
}
