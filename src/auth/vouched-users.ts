/**
 * Users who sign in with an external provider. They are found by issuer and subject, created the first time, and
 * never linked to an account that exists.
 */
import * as z from "zod";
import { type Clock, newId, timestamp } from "../core/clock.ts";
import { Email } from "../protocol/api.ts";
import type { User } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import { UserId } from "../protocol/ids.ts";
import { Text } from "../protocol/text.ts";
import type { Identities } from "../store/identities.ts";

/** A person as a provider identifies them. */
export interface VouchedIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** Null if the provider has verified none. */
  readonly email: string | null;
  /** The account's address if there is no verified one. It receives no mail, and {@link Email} refuses it. */
  readonly standIn?: string;
  readonly name: string | null;
}

/** The claims of an ID token that name a person (OpenID Connect Core, section 5.1). */
export const VouchedClaims = z.object({
  sub: z.string().min(1).max(255),
  email: z.string().optional(),
  // Some providers send a boolean as text.
  email_verified: z.union([z.boolean(), z.stringbool()]).optional().catch(undefined),
  name: z.string().optional().catch(undefined),
});

/** @returns the identity in the claims of a verified token. An email address that is not verified is ignored. */
export function vouchedBy(
  issuer: string,
  { sub, email, email_verified, name }: z.output<typeof VouchedClaims>,
): VouchedIdentity {
  const verified = email_verified === true ? email : undefined;
  return { issuer, subject: sub, email: verified ?? null, name: name ?? null };
}

export class VouchedUsers {
  readonly #identities: Identities;
  readonly #clock: Clock;

  constructor(identities: Identities, clock: Clock) {
    this.#identities = identities;
    this.#clock = clock;
  }

  /**
   * An existing account with the same email address is not used: whoever made it need not own the address, and
   * could then read what this person writes (account pre-hijacking).
   * @returns the user of an identity, and whether it was created now. Two calls at once create one user.
   * @throws {ApexError} `sign_in_failed` if a new user has no verified email address, `email_taken`, or
   *   `unavailable`.
   */
  async userOf(identity: VouchedIdentity): Promise<{ user: User; isNew: boolean }> {
    const known = await this.#identities.find(identity);
    if (known) return { user: known, isNew: false };
    const candidate = this.#candidate(identity);
    const user = await this.#identities.findOrMake(identity, candidate);
    if (user) return { user, isNew: user.id === candidate.id };
    throw new ApexError(
      "email_taken",
      "An account with this email address exists. Sign in to it the way it was made, by its password or its own provider.",
    );
  }

  #candidate({ email: told, name, standIn }: VouchedIdentity): User {
    const email = told === null ? standIn : Email.safeParse(told).data;
    if (email === undefined) {
      throw new ApexError(
        "sign_in_failed",
        "The provider has verified no email address of yours. Verify one there, and start again.",
      );
    }
    return {
      id: UserId.parse(newId()),
      email,
      name: nameOf(name) ?? email.replace(/@.*/, ""),
      tier: "free",
      permissions: [],
      organization_id: null,
      role: "member",
      created_at: timestamp(this.#clock.now()),
    };
  }
}

function nameOf(given: string | null): string | undefined {
  return Text.trim().min(1).max(128).safeParse(given).data;
}
