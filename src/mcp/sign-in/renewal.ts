/** The access token of a sign-in: shown, and renewed by exactly one who needs it, however many do at once. */
import type { Clock } from "../../core/clock.ts";
import type { UserId } from "../../protocol/ids.ts";
import { McpFailure, SignInNeeded } from "../failure.ts";
import { problemSentence } from "../problems.ts";
import type { AccessToken } from "../session.ts";
import { isSignedIn, LOST_SIGN_IN, type Refusable, type Signed, type SignInBook } from "./book.ts";
import { over, refresh, type SignedIn } from "./grants.ts";
import type { GuardedFetch } from "./guarded-fetch.ts";

/**
 * How long nobody else renews, in milliseconds: longer than an answer may take. Where there was none, the
 * lease runs on, so that those who waited do not ask one after another.
 */
const LEASE_MS = 10_000;
/** How long one waits for another's renewal, and how often one looks, in milliseconds. */
const WAIT_MS = 6_000;
const LOOK_MS = 100;

/** A sign-in that has tokens, and which version of it this is. */
interface Held {
  readonly kept: SignedIn;
  readonly version: number;
}

/** @returns the token as one visit uses it. A renewal goes on where the visit is given up: what it gives is kept. */
export function renewing(
  userId: UserId,
  { id, url }: Signed,
  { book, clock }: { readonly book: SignInBook; readonly clock: Clock },
  fetch: GuardedFetch,
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
      const { kept, version } = held;
      if (kept.tokens.access_token !== stale) return kept.tokens.access_token;
      const now = clock.now();
      if (await book.lease(userId, id, version, { now, until: now + LEASE_MS })) {
        return await renewed(held);
      }
      if (now >= giveUpAt) throw new McpFailure(problemSentence("sign_in_not_renewed"));
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async function renewed({ kept, version }: Held): Promise<string> {
    try {
      const tokens = await refresh(kept, fetch, clock.now());
      await book.save(userId, id, { ...kept, tokens }, "signed_in", version);
      return tokens.access_token;
    } catch (error) {
      if (error instanceof SignInNeeded) {
        // A client that was registered there may be what is gone: the next sign-in registers anew.
        const client = kept.client.origin === "registered" ? null : kept.client;
        await book.save(userId, id, { ...kept, client, tokens: null }, "needed_again", version);
        seen = version + 1;
      }
      throw error;
    }
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
