/** GitHub as far as sign-in sees it, on a real port of this machine: its three endpoints, its PKCE, its faults. */
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";

const SECRET = "the-secret-of-the-app-at-github";

export interface GitHubServer {
  /** The product's settings that point to it. */
  readonly settings: Readonly<Record<string, string>>;
  /** What it says of a user's email addresses. */
  emails: { email: string; primary: boolean; verified: boolean }[];
  close(): void;
}

export async function startGitHubServer(): Promise<GitHubServer> {
  const codes = new Map<string, URLSearchParams>();
  const tokens = new Set<string>();
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const url = `http://127.0.0.1:${port}`;
  const github: GitHubServer = {
    settings: {
      GITHUB_CLIENT_ID: "app-1",
      GITHUB_CLIENT_SECRET: SECRET,
      GITHUB_URL: url,
      GITHUB_API_URL: `${url}/api`,
    },
    emails: [],
    close: () => server.close(),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", url);
    if (pathname === "/login/oauth/authorize") {
      const code = randomUUID();
      codes.set(code, searchParams);
      const back = new URL(searchParams.get("redirect_uri") ?? "");
      back.searchParams.set("code", code);
      back.searchParams.set("state", searchParams.get("state") ?? "");
      response.writeHead(302, { location: back.href }).end();
      return;
    }
    if (pathname === "/login/oauth/access_token") {
      return tell(response, redeem(new URLSearchParams(await text(request))));
    }
    const [, token = ""] = request.headers.authorization?.split(" ") ?? [];
    if (!tokens.has(token) || request.headers["user-agent"] === undefined) {
      response.writeHead(401).end();
      return;
    }
    if (pathname === "/api/user") return tell(response, { id: 4711, login: "ada", name: null });
    if (pathname === "/api/user/emails") return tell(response, github.emails);
    response.writeHead(404).end();
  }

  /** As GitHub does, it answers 200 to a refusal as well. */
  function redeem(form: URLSearchParams): object {
    const asked = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const verifier = form.get("code_verifier") ?? "";
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const fits =
      asked?.get("code_challenge") === challenge &&
      asked.get("redirect_uri") === form.get("redirect_uri") &&
      form.get("client_secret") === SECRET;
    if (!fits) return { error: "bad_verification_code" };
    const access_token = randomUUID();
    tokens.add(access_token);
    return { access_token, token_type: "bearer", scope: "read:user,user:email" };
  }

  return github;
}

function tell(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}
