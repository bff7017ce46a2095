/** Encrypts secrets of others that we need in the clear again, so that the database alone does not reveal them. */
import type { KeyRing } from "./signing-keys.ts";

/** The first part of an encrypted secret: the version of the format. */
const FORMAT = "v1";
const IV_BYTES = 12;
/**
 * Context of the key derivation, so that no other key derived from the same secret is equal (RFC 5869, section
 * 3.2).
 */
const PURPOSE = new TextEncoder().encode("apex-edge sealed secret v1");

/**
 * Encrypts with AES-256-GCM, with a key derived by HKDF from the signing key.
 * @param owner the id of the secret's owner. It is authenticated too, so the result cannot be decrypted for
 *   another owner.
 */
export async function sealSecret(ring: KeyRing, secret: string, owner: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const key = await keyOf(ring.signing.secret);
  const sealed = await crypto.subtle.encrypt(algorithm(iv, owner), key, encode(secret));
  return [FORMAT, base64(iv), base64(new Uint8Array(sealed))].join(".");
}

/** A decrypted secret. */
interface OpenedSecret {
  readonly secret: string;
  /** Whether an older key decrypted it, which may soon be removed: then encrypt it again. */
  readonly isAged: boolean;
}

/** @returns the secret, whichever current key encrypted it; null if none can decrypt it any more. */
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
      // It was encrypted with another of the keys.
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
