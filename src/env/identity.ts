/** The settings that name others who may say who somebody is. */
import * as z from "zod";
import { SecretUrl } from "./secret-url.ts";

export const OpenIdProvider = z.strictObject({
  name: z.string().regex(/^(?!(github|google|simulated)$)[a-z][a-z0-9-]{0,31}$/, {
    error: "must be a short name of its own, in lower case",
  }),
  title: z.string().min(1).max(64),
  issuer: SecretUrl,
  client_id: z.string().min(1),
  client_secret: z.string().min(1),
  scope: z
    .string()
    .regex(/\bopenid\b/, "must ask for openid")
    .default("openid email profile"),
});

export const TrustedIssuer = z.strictObject({
  issuer: SecretUrl,
  audiences: z.array(z.string().min(1)).min(1, "must name an audience"),
  jwks_uri: SecretUrl.optional(),
  algorithms: z
    .array(z.enum(["RS256", "PS256", "ES256", "EdDSA"]))
    .min(1)
    .default(["RS256", "ES256", "EdDSA"]),
  /** The most that its tokens permit; all that their user may do where it is not set. */
  scopes: z.array(z.string().min(1)).optional(),
  /** A header that brings its tokens, for a proxy that authenticates in front of us. */
  header: z.literal("cf-access-jwt-assertion").optional(),
});
