/** An identity provider in a test's hand: right in all, but for what the test bends. */
import { createHash } from "node:crypto";
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from "jose";
import { readForm } from "../../../src/auth/oauth/simulation.ts";

export const CLIENT_SECRET = "the-client-secret-of-the-fake-provider";

const signing = await generateKeyPair("ES256", { extractable: true });
const PUBLIC = { ...(await exportJWK(signing.publicKey)), kid: "key-1", alg: "ES256", use: "sig" };

export interface Person {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: unknown;
  readonly name?: string;
}

/** Bends what the provider says. */
export interface Bends {
  readonly metadata?: object;
  readonly claims?: JWTPayload;
  readonly without?: readonly string[];
  readonly header?: JWTHeaderParameters;
  readonly key?: CryptoKey | Uint8Array;
  readonly idToken?: (genuine: string) => string | undefined;
  /** Answers in the provider's place, by path. */
  readonly answers?: Readonly<Record<string, () => Response | Promise<Response>>>;
}

export class FakeProvider {
  readonly issuer: string;
  readonly asked: string[] = [];
  bends: Bends = {};
  person: Person = { sub: "subject", email: "somebody@example.com", email_verified: true };
  readonly #codes = new Map<string, URLSearchParams>();

  constructor(issuer: string) {
    this.issuer = issuer;
  }

  /** The setting that makes it known to the product. */
  get settings() {
    const [client_id, client_secret] = ["client-1", CLIENT_SECRET];
    return { name: "fake", title: "Fake", issuer: this.issuer, client_id, client_secret };
  }

  /** What the provider does with a browser that is sent to it: the person allows it. @returns the way back. */
  consent(sent: string): URL {
    const { searchParams } = new URL(sent);
    const code = crypto.randomUUID();
    this.#codes.set(code, searchParams);
    const back = new URL(searchParams.get("redirect_uri") ?? "");
    back.searchParams.set("code", code);
    back.searchParams.set("state", searchParams.get("state") ?? "");
    back.searchParams.set("iss", this.issuer);
    return back;
  }

  /** What the provider answers programs with. */
  async answer(request: Request): Promise<Response> {
    const path = request.url.slice(this.issuer.length);
    this.asked.push(path);
    const bent = this.bends.answers?.[path];
    if (bent) return bent();
    switch (path) {
      case "/.well-known/openid-configuration":
        return Response.json({ ...this.#metadata(), ...this.bends.metadata });
      case "/jwks":
        return Response.json({ keys: [PUBLIC] });
      case "/token":
        return this.#token(readForm(await request.arrayBuffer()));
      case "/userinfo":
        return Response.json(this.person);
      default:
        return new Response(null, { status: 404 });
    }
  }

  #metadata() {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/jwks`,
      response_types_supported: ["code"],
      id_token_signing_alg_values_supported: ["ES256", "HS256", "none"],
      token_endpoint_auth_methods_supported: ["client_secret_post"],
      authorization_response_iss_parameter_supported: true,
    };
  }

  async #token(form: URLSearchParams): Promise<Response> {
    const code = form.get("code") ?? "";
    const request = this.#codes.get(code);
    this.#codes.delete(code);
    const verifier = form.get("code_verifier") ?? "";
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const fits =
      request?.get("code_challenge_method") === "S256" &&
      request.get("code_challenge") === challenge &&
      request.get("redirect_uri") === form.get("redirect_uri") &&
      form.get("client_secret") === CLIENT_SECRET;
    if (!fits) return Response.json({ error: "invalid_grant" }, { status: 400 });
    const genuine = await this.#idToken(request.get("nonce") ?? "");
    const id_token = this.bends.idToken ? this.bends.idToken(genuine) : genuine;
    return Response.json({ access_token: "access-at-fake", token_type: "Bearer", id_token });
  }

  #idToken(nonce: string): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims: JWTPayload = {
      iss: this.issuer,
      aud: this.settings.client_id,
      iat: now,
      exp: now + 300,
      nonce,
      ...this.person,
      ...this.bends.claims,
    };
    for (const name of this.bends.without ?? []) delete claims[name];
    return new SignJWT(claims)
      .setProtectedHeader(this.bends.header ?? { alg: "ES256", kid: "key-1" })
      .sign(this.bends.key ?? signing.privateKey);
  }
}
