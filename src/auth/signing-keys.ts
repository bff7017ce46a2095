/** The keys that tokens are signed and checked with: ours alone, whatever a token says of its key. */
import type { CompactJWSHeaderParameters, JWK } from "jose";
import { type JsonWebKeySet, type PrivateJwk, PublicJwk } from "../protocol/json-web-keys.ts";

/** The settings that name keys, already checked: at least one of the two is there. */
export interface KeySettings {
  readonly jwtSecret: string | undefined;
  readonly signingKeys: readonly PrivateJwk[];
}

/** One key, in both its uses. For a shared secret (HS256) these are the same, and it has no `kid`. */
interface SigningKey {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly signer: JWK | Uint8Array;
  readonly verifier: JWK | Uint8Array;
  /** What only who can sign knows; other secrets are derived from it. */
  readonly secret: string;
}

/** All keys that live: one signs, every one verifies, so that keys rotate without signing anybody out. */
export interface KeyRing {
  readonly signing: SigningKey;
  readonly all: readonly SigningKey[];
}

const rings = new WeakMap<KeySettings, KeyRing>();

/**
 * @returns the keys of the settings; the first key pair signs, and the secret only where there is none.
 *   It is made once for the same settings, because jose remembers its imports by the key.
 */
export function keyRing(settings: KeySettings): KeyRing {
  const known = rings.get(settings) ?? makeRing(settings);
  rings.set(settings, known);
  return known;
}

/**
 * @returns the one key that a token's header may mean: algorithm and `kid` must both be that key's, so
 *   a public key never serves as a secret (RFC 8725, section 3.1), and a `kid` is only ever compared.
 */
export function findKey(
  { all }: KeyRing,
  { alg, kid }: Pick<CompactJWSHeaderParameters, "alg" | "kid">,
): SigningKey | undefined {
  return all.find((key) => key.alg === alg && key.kid === kid);
}

/** @returns what everybody may know of the keys, for those who check our tokens themselves. */
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
