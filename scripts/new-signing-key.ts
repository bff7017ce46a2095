/** `npm run -s signing-key [ES256|EdDSA]`: prints a new private key for JWT_SIGNING_KEYS. */
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { PrivateJwk } from "../src/protocol/json-web-keys.ts";

const alg = process.argv[2] ?? "ES256";
if (alg === "ES256" || alg === "EdDSA") {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const key = PrivateJwk.parse({ ...jwk, alg, kid: await calculateJwkThumbprint(jwk) });
  console.log(JSON.stringify(key));
} else {
  console.error(`The algorithm must be ES256 or EdDSA, not "${alg}".`);
  process.exitCode = 1;
}
