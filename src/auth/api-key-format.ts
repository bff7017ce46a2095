/** The format of API keys: a prefix that secret scanners recognise, an id, a secret, and a checksum against typos. */
import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { newId } from "../core/clock.ts";
import { ApiKeyId } from "../protocol/ids.ts";
import { hashSecret } from "./secret-hash.ts";

export const API_KEY_PREFIX = "apx_key_";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 62⁶ is more than the 2³² values of a CRC32. */
const CHECKSUM_LENGTH = 6;
/**
 * How many characters of a key are stored in plain text for its owner to recognise it: the prefix and half of the
 * id.
 */
const START_LENGTH = 24;

const API_KEY = /^(?<signed>apx_key_(?<id>[0-9a-f]{32})_(?<secret>[\w-]{43}))(?<checksum>\w{6})$/;

/** A new key, and what is stored of it: its id, its first characters and the hash of its secret. */
interface NewApiKey {
  readonly key: string;
  readonly id: ApiKeyId;
  readonly start: string;
  readonly secretHash: string;
}

/** The id that a well-formed key contains, and the hash to compare its secret with. */
interface ReadApiKey {
  readonly id: ApiKeyId;
  readonly secretHash: string;
}

/** @returns a key with a secret of 256 random bits. */
export function newApiKey(): NewApiKey {
  const id = ApiKeyId.parse(newId().replaceAll("-", ""));
  const secret = randomBytes(32).toString("base64url");
  const signed = `${API_KEY_PREFIX}${id}_${secret}`;
  const key = signed + checksumOf(signed);
  return { key, id, start: key.slice(0, START_LENGTH), secretHash: hashSecret(secret) };
}

/** @returns the parts of a key; null if the format or the checksum is wrong, which is known without a look-up. */
export function readApiKey(text: string): ReadApiKey | null {
  const { signed = "", id, secret = "", checksum } = API_KEY.exec(text)?.groups ?? {};
  if (id === undefined || checksumOf(signed) !== checksum) return null;
  return { id: ApiKeyId.parse(id), secretHash: hashSecret(secret) };
}

/** A CRC32 in base62, as at the end of GitHub's tokens. It detects typos; it is no protection. */
function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = "";
  for (let place = 0; place < CHECKSUM_LENGTH; place += 1) {
    digits = DIGITS.charAt(rest % DIGITS.length) + digits;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
}
