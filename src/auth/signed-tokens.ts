/**
 * The one place where our signed tokens (JWTs) are made and checked. No kind of token is accepted in place of
 * another.
 */
import {
  type CompactJWSHeaderParameters,
  errors,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";
import * as z from "zod";
import { type Clock, newId } from "../core/clock.ts";
import { ApexError } from "../protocol/errors.ts";
import { findKey, type KeyRing } from "./signing-keys.ts";

const ISSUER = "apex-edge";
const CLOCK_TOLERANCE_SECONDS = 5;
/** In characters; longer tokens are refused before they are parsed. */
const MAX_TOKEN_LENGTH = 8 * 1024;

/** What signing and checking need: the keys, and the clock. */
export interface TokenAuthority {
  readonly keys: KeyRing;
  readonly clock: Clock;
}

/** One kind of token. The kinds differ in `typ` and `aud` (RFC 8725, sections 3.9 and 3.11). */
export interface TokenKind<Claims extends z.ZodType> {
  readonly name: string;
  readonly typ: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  readonly claims: Claims;
}

/** The claims every token carries beside those of its kind. */
export const RegisteredClaims = z.object({ jti: z.string(), iat: z.int(), exp: z.int() });

/** @returns a signed token with these claims, which expires after the lifetime of its kind. */
export function signToken<Claims extends z.ZodType>(
  kind: TokenKind<Claims>,
  claims: JWTPayload & Omit<z.input<Claims>, keyof z.input<typeof RegisteredClaims>>,
  { keys: { signing }, clock }: TokenAuthority,
): Promise<string> {
  const { alg, kid, signer } = signing;
  const now = Math.floor(clock.now() / 1000);
  return new SignJWT(claims)
    .setProtectedHeader({ alg, typ: kind.typ, ...(kid !== undefined && { kid }) })
    .setIssuer(ISSUER)
    .setAudience(kind.audience)
    .setJti(newId())
    .setIssuedAt(now)
    .setExpirationTime(now + kind.lifetimeSeconds)
    .sign(signer);
}

/**
 * @returns the claims of a valid token of this kind. Only the algorithms of our own keys are accepted, whatever
 *   the header says (RFC 8725, section 3.1), and keys or URLs in it (`jwk`, `jku`, `x5u`) are ignored.
 * @throws {ApexError} `token_expired` if nothing but its time is wrong, otherwise `token_invalid`.
 */
export async function verifyToken<Claims extends z.ZodType>(
  kind: TokenKind<Claims>,
  token: string,
  { keys, clock }: TokenAuthority,
): Promise<z.output<Claims>> {
  if (token.length > MAX_TOKEN_LENGTH) throw invalid(kind.name);
  try {
    const { payload } = await jwtVerify(token, (header) => verifierOf(keys, header), {
      algorithms: keys.all.map(({ alg }) => alg),
      typ: kind.typ,
      issuer: ISSUER,
      audience: kind.audience,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      maxTokenAge: kind.lifetimeSeconds,
      currentDate: new Date(clock.now()),
    });
    return kind.claims.parse(payload);
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new ApexError("token_expired", `The ${kind.name} has expired. Get a new one.`);
    }
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) {
      throw invalid(kind.name, error);
    }
    throw error;
  }
}

function invalid(name: string, cause?: unknown): ApexError {
  return new ApexError("token_invalid", `The ${name} is not valid. Sign in again.`, { cause });
}

function verifierOf(keys: KeyRing, header: CompactJWSHeaderParameters): JWK | Uint8Array {
  const key = findKey(keys, header);
  if (key === undefined) throw new errors.JWKSNoMatchingKey();
  return key.verifier;
}
