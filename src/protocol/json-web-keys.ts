/** The JSON Web Keys (RFC 7517) that tokens are signed with: their public and their private form. */
import * as z from "zod";

const bytes = z.string("is missing").regex(/^[\w-]{43}$/, "must be 32 bytes in base64url");
const kid = z
  .string("is missing")
  .regex(/^[\w.-]{1,64}$/, "must have 1 to 64 letters, digits, dots, dashes or underscores");

const p256 = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  alg: z.literal("ES256"),
  kid,
  x: bytes,
  y: bytes,
});
const ed25519 = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  alg: z.enum(["EdDSA", "Ed25519"]),
  kid,
  x: bytes,
});

/** The public half: reading a key by this schema drops all that is private. */
export const PublicJwk = z.discriminatedUnion("alg", [p256, ed25519]);
export type PublicJwk = z.infer<typeof PublicJwk>;

/** A key pair. */
export const PrivateJwk = z.discriminatedUnion(
  "alg",
  [p256.extend({ d: bytes }), ed25519.extend({ d: bytes })],
  "must be ES256, EdDSA or Ed25519",
);
export type PrivateJwk = z.infer<typeof PrivateJwk>;

/** A JWK Set (RFC 7517, section 5), as `/.well-known/jwks.json` gives it. */
export const JsonWebKeySet = z.object({
  keys: z.array(PublicJwk).describe("Empty where tokens are signed by a shared secret"),
});
export type JsonWebKeySet = z.infer<typeof JsonWebKeySet>;
