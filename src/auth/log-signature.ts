/** The signature of an exported log: made with the key that signs tokens, but of a type that no token has. */
import { CompactSign, compactVerify, decodeProtectedHeader, errors } from "jose";
import { canonicalJson } from "../protocol/canonical-json.ts";
import type { PublicJwk } from "../protocol/json-web-keys.ts";
import type { LogEnd, SignedLog } from "../protocol/log-export.ts";
import type { KeyRing } from "./signing-keys.ts";

/** The `typ` header, which keeps a signature from being accepted as a token (RFC 8725, section 3.11). */
const TYPE = "apex-log+jws";

/** @returns the signature as it stands in the last line of the export. */
export async function signLog(
  log: SignedLog,
  { signing }: KeyRing,
): Promise<Pick<LogEnd, "signature" | "verifiable_by">> {
  const { alg, kid, signer } = signing;
  const signature = await new CompactSign(new TextEncoder().encode(canonicalJson(log)))
    .setProtectedHeader({ alg, typ: TYPE, ...(kid !== undefined && { kid }) })
    .sign(signer);
  return { signature, verifiable_by: kid === undefined ? "operator" : "anybody" };
}

/** @returns why a signature was not made with one of these keys, or null if it was. */
export async function faultOfSignature(
  signature: string,
  keys: readonly PublicJwk[],
): Promise<string | null> {
  try {
    const { alg, kid, typ } = decodeProtectedHeader(signature);
    if (typ !== TYPE) return "is not that of a log";
    if (alg === "HS256") return "is by a shared secret: nobody but the operator can check it";
    const key = keys.find((each) => each.kid === kid && each.alg === alg);
    if (key === undefined) return `is by a key that is not among those given (${kid ?? "unnamed"})`;
    await compactVerify(signature, key, { algorithms: [key.alg] });
    return null;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return "is not genuine";
    throw error;
  }
}

/** @returns what a signature signs, unverified; null if it cannot be read. */
export function payloadOf(signature: string): string | null {
  try {
    return Buffer.from(signature.split(".")[1] ?? "", "base64url").toString();
  } catch {
    return null;
  }
}
