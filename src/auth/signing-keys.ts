/** The keys that tokens are signed and checked with. They come from the configuration only, never from a token. */
import type { CompactJWSHeaderParameters, JWK } from "jose";
import { type JsonWebKeySet, type PrivateJwk, PublicJwk } from "../protocol/json-web-keys.ts";

/** The settings that name keys. They were checked before: at least one of the two is there. */
interface KeySettings {
  readonly jwtSecret: string | undefined;
  readonly signingKeys: readonly PrivateJwk[];
}

/** One key for signing and verifying. A shared secret (HS256) does both, and has no `kid`. */
interface SigningKey {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly signer: JWK | Uint8Array;
  readonly verifier: JWK | Uint8Array;
  /** Material that only we know, from which other secrets are derived. */
  readonly secret: string;
}

/** All current keys. One signs and every one verifies, so that keys can be rotated without signing anybody out. */
export interface KeyRing {
  readonly signing: SigningKey;
  readonly all: readonly SigningKey[];
}

const rings = new WeakMap<KeySettings, KeyRing>();

/**
 * @returns the keys of the settings. The first key pair signs; the shared secret does so only if there is no key
 *   pair. The same settings give the same object, because jose caches imported keys by identity.
 */
export function keyRing(settings: KeySettings): KeyRing {
  const known = rings.get(settings) ?? makeRing(settings);
  rings.set(settings, known);
  return known;
}

/**
 * @returns the key that a token's header names, if any. Algorithm and `kid` must both match, so that a public key
 *   is never used as a shared secret (RFC 8725, section 3.1).
 */
export function findKey(
  { all }: KeyRing,
  { alg, kid }: Pick<CompactJWSHeaderParameters, "alg" | "kid">,
): SigningKey | undefined {
  return all.find((key) => key.alg === alg && key.kid === kid);
}

/** @returns the public keys, as a JWK Set (RFC 7517, section 5), for services that check our tokens themselves. */
export function publicKeys({ signingKeys }: KeySettings): JsonWebKeySet {
  return { keys: signingKeys.map((key) => PublicJwk.parse(key)) };
}

function makeRing({ jwtSecret, signingKeys }: KeySettings): KeyRing {
  const all = [
    ...signingKeys.map(keyPair),
    ...(jwtSecret === undefined ? [] : [sharedSecret(jwtSecret)]),
  ];
  const [signing] = all;
  if (signing === undefined) throw new Error("There is no key to sign with");
  return { signing, all };
}

function keyPair(key: PrivateJwk): SigningKey {
  const { alg, kid, d } = key;
  return { alg, kid, signer: key, verifier: PublicJwk.parse(key), secret: d };
}

function sharedSecret(secret: string): SigningKey {
  const bytes = new TextEncoder().encode(secret);
  return { alg: "HS256", kid: undefined, signer: bytes, verifier: bytes, secret };
}
