/** Secrets of others that we have to show again: sealed, so that the database alone gives none away. */
import type { KeyRing } from "./signing-keys.ts";

/** What a sealed secret begins with: how it is sealed. */
const FORMAT = "v1";
const IV_BYTES = 12;
/** Parts this key from all others that are made of the same secret (RFC 5869, 3.2). */
const PURPOSE = new TextEncoder().encode("apex-edge sealed secret v1");

/**
 * Seals with AES-256-GCM, by a key derived with HKDF from what we sign with.
 * @param owner whose secret it is, as an id: sealed for one, it opens for no other.
 */
export async function sealSecret(ring: KeyRing, secret: string, owner: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const key = await keyOf(ring.signing.secret);
  const sealed = await crypto.subtle.encrypt(algorithm(iv, owner), key, encode(secret));
  return [FORMAT, base64(iv), base64(new Uint8Array(sealed))].join(".");
}

/** A secret in the clear. */
export interface OpenedSecret {
  readonly secret: string;
  /** Whether a key opened it that may soon be removed: it is to be sealed anew. */
  readonly isAged: boolean;
}

/** @returns the secret, by whichever key it was sealed; null where none of them opens it any more. */
export async function openSecret(
  ring: KeyRing,
  sealed: string,
  owner: string,
): Promise<OpenedSecret | null> {
  const [format, iv = "", text = ""] = sealed.split(".");
  if (format !== FORMAT) return null;
  for (const each of ring.all) {
    try {
      const key = await keyOf(each.secret);
      const opened = await crypto.subtle.decrypt(algorithm(bytes(iv), owner), key, bytes(text));
      return { secret: new TextDecoder().decode(opened), isAged: each !== ring.signing };
    } catch {
      // Sealed by another of the keys.
    }
  }
  return null;
}

async function keyOf(secret: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", encode(secret), "HKDF", false, [
    "deriveKey",
  ]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: PURPOSE };
  const kind = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(derivation, material, kind, false, ["encrypt", "decrypt"]);
}

function algorithm(iv: Uint8Array<ArrayBuffer>, owner: string) {
  return { name: "AES-GCM", iv, additionalData: encode(owner) };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

function base64(value: Uint8Array): string {
  return Buffer.from(value).toString("base64url");
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "base64url"));
}
