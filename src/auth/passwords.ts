/** Password hashes: scrypt (RFC 7914), with the parameters in the stored string, compared in constant time. */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** One of OWASP's settings for scrypt: 16 MiB and p = 5, because an isolate has only 128 MB. */
const COST = { N: 2 ** 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

const STORED = /^scrypt\$(?<N>\d+)\$(?<r>\d+)\$(?<p>\d+)\$(?<salt>[\w-]+)\$(?<hash>[\w-]+)$/;

interface PasswordHash {
  readonly cost: typeof COST;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Compared with if there is no hash, so that a missing account takes as long as a wrong password. */
const NOBODY: PasswordHash = {
  cost: COST,
  salt: Buffer.alloc(SALT_BYTES),
  hash: Buffer.alloc(HASH_BYTES),
};

/** @returns `scrypt$N$r$p$salt$hash`, with salt and hash in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES, COST);
  const { N, r, p } = COST;
  return ["scrypt", N, r, p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** @param stored null if there is no account, or it has no password: then false, after the same time. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const known = stored === null ? null : parse(stored);
  const { cost, salt, hash } = known ?? NOBODY;
  const same = timingSafeEqual(await derive(password, salt, hash.length, cost), hash);
  return same && known !== null;
}

function parse(stored: string): PasswordHash {
  const parts = STORED.exec(stored)?.groups;
  if (!parts) throw new Error("A stored password hash is not of a known form");
  const { N, r, p, salt = "", hash = "" } = parts;
  return {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64url"),
    hash: Buffer.from(hash, "base64url"),
  };
}

/** NFKC makes the key the same, however a keyboard encodes the characters (NIST SP 800-63B, section 3.1.1.2). */
function derive(password: string, salt: Buffer, length: number, cost: typeof COST) {
  return new Promise<Buffer>((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, length, cost, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
