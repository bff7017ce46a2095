/** An OAuth authorization server for tests: strict about everything, rotating, on real HTTP of the loopback. */
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";

const Registration = z.looseObject({ redirect_uris: z.array(z.string()).min(1) });

interface Code {
  readonly client: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly resource: string;
}

/** One leave that somebody gave: its tokens, of which the last refresh token alone counts. */
interface Leave {
  readonly client: string;
  access: string;
  refresh: string;
  over: boolean;
}

/** What a request of a path meets instead of its answer. */
export type Trouble = (response: ServerResponse) => void | Promise<void>;

export interface AuthorizationServer {
  readonly issuer: string;
  /** As it tells of itself; changed by tests that have it lie. */
  readonly metadata: Record<string, unknown>;
  readonly clients: Map<string, { secret: string | null; redirectUris: readonly string[] }>;
  readonly trouble: Map<string, Trouble>;
  /** What the answers of a path wait for, before they are made. */
  readonly held: Map<string, Promise<unknown>>;
  /** What it was asked, oldest first. */
  readonly seen: { readonly path: string; readonly fields: URLSearchParams }[];
  /** Every token that it ever gave. */
  readonly issued: string[];
  /** What a person says, and what the browser is told beside it. */
  consent: "approved" | "denied";
  iss: string | null;
  /** How long access tokens live, in seconds. */
  lifetime: number;
  accepts(authorization: string | undefined): boolean;
  /** Has every access token run out. */
  expire(): void;
  /** Takes back what everybody allowed. */
  takeBack(): void;
  close(): Promise<void>;
}

export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(http.address());
  const issuer = `http://127.0.0.1:${port}`;
  const codes = new Map<string, Code>();
  const leaves: Leave[] = [];
  const living = new Set<string>();

  const server: AuthorizationServer = {
    issuer,
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/register`,
      revocation_endpoint: `${issuer}/revoke`,
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none", "client_secret_basic"],
      authorization_response_iss_parameter_supported: true,
      scopes_supported: ["tools", "offline_access"],
    },
    clients: new Map(),
    trouble: new Map(),
    held: new Map(),
    seen: [],
    issued: [],
    consent: "approved",
    iss: issuer,
    lifetime: 3_600,
    accepts: (authorization) => living.has(authorization?.replace(/^Bearer /, "") ?? ""),
    expire: () => living.clear(),
    takeBack() {
      living.clear();
      for (const leave of leaves) leave.over = true;
    },
    close() {
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", issuer);
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const isForm = request.headers["content-type"]?.startsWith("application/x-www-form") ?? false;
    const fields = isForm ? new URLSearchParams(body) : url.searchParams;
    server.seen.push({ path: url.pathname, fields });
    const trouble = server.trouble.get(url.pathname);
    if (trouble !== undefined) return await trouble(response);
    await server.held.get(url.pathname);
    const json = (status: number, told: object) =>
      void response
        .writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
        .end(JSON.stringify(told));
    switch (`${request.method} ${url.pathname}`) {
      case "GET /.well-known/oauth-authorization-server":
        return json(200, server.metadata);
      case "POST /register":
        return json(201, register(Registration.parse(JSON.parse(body))));
      case "GET /authorize":
        return void response.writeHead(302, { location: authorize(fields) }).end();
      case "POST /token": {
        const told = token(fields, request.headers.authorization);
        return json("error" in told ? 400 : 200, told);
      }
      case "POST /revoke":
        for (const leave of leaves) {
          if (![leave.refresh, leave.access].includes(fields.get("token") ?? "")) continue;
          leave.over = true;
          living.delete(leave.access);
        }
        return void response.writeHead(200).end();
      default:
        return void response.writeHead(404).end();
    }
  }

  function register({ redirect_uris, ...told }: z.infer<typeof Registration>) {
    const client_id = randomUUID();
    server.clients.set(client_id, { secret: null, redirectUris: redirect_uris });
    return { ...told, redirect_uris, client_id };
  }

  /** @returns where the person's browser goes back to. @throws where anything is not as it must be. */
  function authorize(asked: URLSearchParams): string {
    const read = (name: string) => z.string().parse(asked.get(name) ?? undefined);
    const client = read("client_id");
    const redirectUri = read("redirect_uri");
    if (!server.clients.get(client)?.redirectUris.includes(redirectUri)) throw new Error("Unknown");
    if (read("code_challenge_method") !== "S256") throw new Error("No PKCE");
    const back = new URL(redirectUri);
    back.searchParams.set("state", read("state"));
    if (server.iss !== null) back.searchParams.set("iss", server.iss);
    if (server.consent === "denied") {
      back.searchParams.set("error", "access_denied");
      return back.href;
    }
    const code = randomUUID();
    const [challenge, resource] = [read("code_challenge"), read("resource")];
    codes.set(code, { client, redirectUri, challenge, resource });
    back.searchParams.set("code", code);
    return back.href;
  }

  function token(fields: URLSearchParams, authorization: string | undefined): object {
    const client = clientOf(fields, authorization);
    if (client === null) return { error: "invalid_client" };
    if (fields.get("grant_type") === "refresh_token") {
      const refresh = fields.get("refresh_token");
      const leave = leaves.find((each) => each.refresh === refresh && each.client === client);
      // Whoever shows a refresh token twice has it from somewhere: nobody has it any more.
      if (leave === undefined || leave.over) return { error: "invalid_grant" };
      living.delete(leave.access);
      return give(leave);
    }
    const code = codes.get(fields.get("code") ?? "");
    codes.delete(fields.get("code") ?? "");
    const verifier = fields.get("code_verifier") ?? "";
    const isRight =
      code?.client === client &&
      code.redirectUri === fields.get("redirect_uri") &&
      code.resource === fields.get("resource") &&
      code.challenge === createHash("sha256").update(verifier).digest("base64url");
    if (!isRight) return { error: "invalid_grant" };
    const leave = { client, access: "", refresh: "", over: false };
    leaves.push(leave);
    return give(leave);
  }

  function give(leave: Leave) {
    leave.access = `access-${randomUUID()}`;
    leave.refresh = `refresh-${randomUUID()}`;
    living.add(leave.access);
    server.issued.push(leave.access, leave.refresh);
    return {
      access_token: leave.access,
      refresh_token: leave.refresh,
      token_type: "Bearer",
      expires_in: server.lifetime,
    };
  }

  function clientOf(fields: URLSearchParams, authorization: string | undefined): string | null {
    // Both are form-encoded before they are joined (RFC 6749, section 2.3.1).
    const formDecoded = (text: string) => new URLSearchParams(`x=${text}`).get("x") ?? "";
    const pair = Buffer.from(authorization?.replace("Basic ", "") ?? "", "base64").toString();
    const [name = "", secret = ""] = pair.split(":").map(formDecoded);
    const client = authorization === undefined ? (fields.get("client_id") ?? "") : name;
    const known = server.clients.get(client);
    return known?.secret === (authorization === undefined ? null : secret) ? client : null;
  }

  return server;
}
