/**
 * A simulated OpenID provider for development and tests. It behaves like a real one, except that users may sign
 * in as anybody.
 */
import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { exportJWK, type JWK, SignJWT } from "jose";
import { ApexError } from "../../protocol/errors.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import type { SpentTokens } from "../../store/spent-tokens.ts";
import { signToken, type TokenAuthority, verifyToken } from "../signed-tokens.ts";
import { spendOnce } from "../spend-once.ts";
import type { OpenIdSettings } from "./open-id-provider.ts";
import {
  Answer,
  AuthorizationRequest,
  CLIENT_ID,
  CODE,
  type Granted,
  Person,
  TokenRequest,
} from "./simulated-requests.ts";

/** The path of the deployment under which it answers. */
export const SIMULATED_PATH = "/simulated-provider";
/** Its name in the list of providers. */
export const SIMULATED = "simulated";

const ALGORITHM = "ES256";
const ID_TOKEN_SECONDS = 300;
/** The PKCS #8 encoding of a P-256 key (RFC 5958, RFC 5915) without its last 32 bytes, which are the private key. */
const P256_PREFIX = Buffer.from(
  "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420",
  "hex",
);

interface Parts {
  /** The deployment's origin, which serves the provider and is its only client. */
  readonly origin: string;
  /** The key that the authorize page asks for; null if it asks for none. */
  readonly key: string | null;
  /** The deployment's secret, from which the client secret and the signing key are derived. */
  readonly secret: string;
  readonly authority: TokenAuthority;
  readonly spentTokens: SpentTokens;
}

export class SimulatedProvider {
  readonly settings: OpenIdSettings;
  readonly #parts: Parts;
  readonly #redirectUri: string;

  /** @param redirectUri the only address that browsers are redirected to; it must match exactly. */
  constructor(parts: Parts, redirectUri: string) {
    this.#parts = parts;
    this.#redirectUri = redirectUri;
    this.settings = {
      name: SIMULATED,
      title: "a simulated provider",
      issuer: `${parts.origin}${SIMULATED_PATH}`,
      client_id: CLIENT_ID,
      client_secret: this.#derive("client secret").toString("base64url"),
      scope: "openid email profile",
    };
  }

  get asksForKey(): boolean {
    return this.#parts.key !== null;
  }

  /** Answers the requests of programs: for discovery, keys and tokens. */
  async answer(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.slice(SIMULATED_PATH.length);
    switch (`${request.method} ${path}`) {
      case "GET /.well-known/openid-configuration":
        return Response.json(this.#metadata());
      case "GET /jwks":
        return Response.json({ keys: [(await this.#keys()).publicKey] });
      case "POST /token":
        return this.#token(readForm(await request.arrayBuffer()));
      default:
        return new Response(null, { status: 404 });
    }
  }

  /**
   * An invalid request is answered directly, and never by a redirect to an address that it contains (RFC 6749,
   * section 4.1.2.1).
   * @throws {ApexError} `invalid_fields`.
   */
  readRequest(query: Readonly<Record<string, unknown>>): AuthorizationRequest {
    const request = parseInput(AuthorizationRequest, query, "the query");
    if (request.redirect_uri === this.#redirectUri) return request;
    throw new ApexError(
      "invalid_fields",
      `In the query: redirect_uri: must be ${this.#redirectUri}`,
      {
        errors: [{ field: "redirect_uri", message: "is not registered" }],
      },
    );
  }

  /**
   * @param form of the authorize page: the original request, and what the user entered.
   * @returns where to redirect the browser.
   * @throws {ApexError} `invalid_fields`, or `forbidden` for a wrong key.
   */
  async authorize(form: Readonly<Record<string, unknown>>): Promise<URL> {
    const request = this.readRequest(form);
    const { decision, key, ...typed } = parseInput(Answer, form, "the form");
    const url = new URL(request.redirect_uri);
    url.searchParams.set("state", request.state);
    url.searchParams.set("iss", this.settings.issuer);
    if (decision === "deny") {
      url.searchParams.set("error", "access_denied");
      return url;
    }
    this.#assertKey(key);
    const person = parseInput(Person, { ...typed, name: typed.name || undefined }, "the form");
    const { redirect_uri, nonce, code_challenge } = request;
    const claims = { ...person, redirect_uri, nonce, code_challenge };
    url.searchParams.set("code", await signToken(CODE, claims, this.#parts.authority));
    return url;
  }

  #metadata() {
    const { issuer } = this.settings;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: [ALGORITHM],
      token_endpoint_auth_methods_supported: ["client_secret_post"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
    };
  }

  /** The token endpoint (RFC 6749, sections 4.1.3 and 5; RFC 7636, section 4.6). */
  async #token(form: URLSearchParams): Promise<Response> {
    const { client_id, client_secret } = this.settings;
    const isClient = isSame(form.get("client_secret") ?? "", client_secret);
    if (form.get("client_id") !== client_id || !isClient) return refusal("invalid_client", 401);
    const request = TokenRequest.safeParse(Object.fromEntries(form));
    if (!request.success) return refusal("invalid_request", 400);
    const { code, redirect_uri, code_verifier } = request.data;
    const granted = await this.#spend(code);
    const challenge = createHash("sha256").update(code_verifier).digest("base64url");
    const fits =
      granted?.redirect_uri === redirect_uri && isSame(challenge, granted.code_challenge);
    if (!granted || !fits) return refusal("invalid_grant", 400);
    return Response.json({
      access_token: randomBytes(32).toString("base64url"),
      token_type: "Bearer",
      expires_in: ID_TOKEN_SECONDS,
      id_token: await this.#idToken(granted),
    });
  }

  /** @returns what a code was issued for; null if it is forged, expired, or was used before. */
  async #spend(code: string): Promise<Granted | null> {
    const { authority, spentTokens } = this.#parts;
    try {
      const granted = await verifyToken(CODE, code, authority);
      return (await spendOnce(granted, spentTokens, authority.clock)) ? granted : null;
    } catch (error) {
      if (error instanceof ApexError && error.status === 401) return null;
      throw error;
    }
  }

  async #idToken({ email, name, nonce }: Granted): Promise<string> {
    const now = Math.floor(this.#parts.authority.clock.now() / 1000);
    const { privateKey, publicKey } = await this.#keys();
    return await new SignJWT({ email, email_verified: true, name, nonce })
      .setProtectedHeader({
        alg: ALGORITHM,
        typ: "JWT",
        ...(publicKey.kid && { kid: publicKey.kid }),
      })
      .setIssuer(this.settings.issuer)
      .setAudience(CLIENT_ID)
      .setSubject(createHash("sha256").update(email).digest("hex"))
      .setIssuedAt(now)
      .setExpirationTime(now + ID_TOKEN_SECONDS)
      .sign(privateKey);
  }

  /** The same key pair in every isolate, because it is derived from the deployment's secret. */
  async #keys(): Promise<{ readonly privateKey: CryptoKey; readonly publicKey: JWK }> {
    const pkcs8 = Buffer.concat([P256_PREFIX, this.#derive("signing key")]);
    const curve = { name: "ECDSA", namedCurve: "P-256" };
    const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, curve, true, ["sign"]);
    const { d: _, ...publicKey } = await exportJWK(privateKey);
    return { privateKey, publicKey: { ...publicKey, kid: SIMULATED, alg: ALGORITHM, use: "sig" } };
  }

  #assertKey(given: string): void {
    const { key } = this.#parts;
    if (key === null || isSame(given, key)) return;
    throw new ApexError("forbidden", "The key is not the OAUTH_SIMULATION_KEY of this deployment.");
  }

  /** @returns 32 bytes derived from the deployment's secret for this purpose only (RFC 5869). */
  #derive(purpose: string): Buffer {
    const { secret } = this.#parts;
    return Buffer.from(hkdfSync("sha256", secret, "", `${SIMULATED} ${purpose}`, 32));
  }
}

/** @returns the fields of a form, whatever the content type says. */
export function readForm(body: ArrayBuffer): URLSearchParams {
  return new URLSearchParams(new TextDecoder().decode(body));
}

/** Compares in constant time. MACs of both make the lengths equal. */
function isSame(given: string, expected: string): boolean {
  const [one, other] = [given, expected].map((text) =>
    createHmac("sha256", expected).update(text).digest(),
  );
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

function refusal(error: string, status: number): Response {
  return Response.json({ error }, { status });
}
