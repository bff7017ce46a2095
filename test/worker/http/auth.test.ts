/** Signing up, in and out over HTTP: failures first, with a real database behind. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { hashEmail } from "../../../src/auth/password-check.ts";
import { AuditPage } from "../../../src/protocol/account.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { ask, begin, problemOf, signUp } from "./ask.ts";

const ME = "/api/auth/me";
const MINUTE = 60_000;

// Each account costs a slow hash, and that is the point of it.
vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function credentialsOf(response: Response): Promise<Credentials> {
  return Credentials.parse(await response.json());
}

function countRows(table: "users" | "sessions"): Promise<number | null> {
  return env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n");
}

/** Moves the clock of the Worker; what waits, waits in real time. */
function travel(milliseconds: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + milliseconds });
}

describe("a request that needs a user", () => {
  it("is refused without a token, with the challenge of RFC 6750", async () => {
    const response = await ask(ME);

    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="apex-edge"');
    expect(await problemOf(response)).toMatchObject({ status: 401, code: "unauthenticated" });
  });

  it("is refused with headers that claim an identity, and no token", async () => {
    const { user } = await signUp();
    const headers = { "x-user-id": user.id, "x-apex-user-id": user.id, "remote-user": user.id };

    expect(await problemOf(await ask(ME, { headers }))).toMatchObject({ code: "unauthenticated" });
  });

  it("is refused with a token that was tampered with", async () => {
    const { access_token } = await signUp();
    const [header, payload, signature] = access_token.split(".");
    const claims: object = JSON.parse(Buffer.from(payload ?? "", "base64url").toString());
    const richer = Buffer.from(JSON.stringify({ ...claims, tier: "enterprise" }));

    const token = `${header}.${richer.toString("base64url")}.${signature}`;
    const response = await ask(ME, { token });

    expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect(await problemOf(response)).toMatchObject({ status: 401, code: "token_invalid" });
  });

  it("is refused with a refresh token in place of an access token", async () => {
    const { refresh_token } = await signUp();

    expect(await problemOf(await ask(ME, { token: refresh_token }))).toMatchObject({
      code: "token_invalid",
    });
  });

  it("is refused with a token in its URL, and told why", async () => {
    const { access_token } = await signUp();
    const problem = await problemOf(await ask(`${ME}?access_token=${access_token}`));

    expect(problem).toMatchObject({ status: 401, code: "unauthenticated" });
    expect(problem.detail).toContain("never travel in a URL");
    expect(JSON.stringify(problem)).not.toContain(access_token);
  });

  it("is refused once its token is over 15 minutes old", async () => {
    const { access_token } = await signUp();

    travel(15 * MINUTE + 5_000);

    expect(await problemOf(await ask(ME, { token: access_token }))).toMatchObject({
      status: 401,
      code: "token_expired",
    });
  });

  it("is refused once the account is gone", async () => {
    const { access_token, user } = await signUp();

    await env.DB.prepare("DELETE FROM users WHERE id = ?").bind(user.id).run();

    expect(await problemOf(await ask(ME, { token: access_token }))).toMatchObject({
      code: "session_ended",
    });
  });

  it("is told who the token's user is", async () => {
    const { access_token, user } = await signUp();

    expect(await (await ask(ME, { token: access_token })).json()).toEqual(user);
  });
});

describe("registering", () => {
  it.each([
    ["email", { password: "correct horse" }],
    ["email", { email: "ada", password: "correct horse" }],
    ["email", { email: ["ada@example.com"], password: "correct horse" }],
    ["email", { email: `${"a".repeat(250)}@example.com`, password: "correct horse" }],
    ["email", { email: "ada@example.com\u0000", password: "correct horse" }],
    ["email", { email: "ada@example.com\r\nbcc: eve@example.com", password: "correct horse" }],
    ["password", { email: "ada@example.com" }],
    ["password", { email: "ada@example.com", password: "short" }],
    ["password", { email: "ada@example.com", password: "x".repeat(257) }],
    ["password", { email: "ada@example.com", password: 12345678901 }],
    ["name", { email: "ada@example.com", password: "correct horse", name: " " }],
  ])("with a bad %s names it, and leaves no row: %j", async (field, body) => {
    const before = await countRows("users");
    const problem = await problemOf(await ask("/api/auth/register", { body }));

    expect(problem).toMatchObject({ status: 422, code: "invalid_fields" });
    expect(problem.errors?.map((error) => error.field)).toEqual([field]);
    expect(await countRows("users")).toBe(before);
  });

  it("with several bad fields names them all", async () => {
    const body = { email: "ada", password: "short", name: 7 };
    const problem = await problemOf(await ask("/api/auth/register", { body }));

    expect(problem.errors?.map(({ field }) => field)).toEqual(["email", "password", "name"]);
  });

  it("a taken email address is refused, in whatever case, and starts no session", async () => {
    const { user } = await signUp();
    const before = [await countRows("users"), await countRows("sessions")];

    for (const email of [user.email, user.email.toUpperCase()]) {
      const body = { email, password: "another password" };
      expect(await problemOf(await ask("/api/auth/register", { body }))).toMatchObject({
        status: 409,
        code: "email_taken",
      });
    }
    expect([await countRows("users"), await countRows("sessions")]).toEqual(before);
  });

  it("gives nobody a tier, a permission or an id of their own choice, and says so", async () => {
    const account = { email: "eve@example.com", password: "correct horse" };
    const chosen = { id: "root", tier: "enterprise", permissions: ["admin"] };
    const body = { ...account, ...chosen };
    const problem = await problemOf(await ask("/api/auth/register", { body }));
    expect(problem.code).toBe("invalid_fields");
    expect(problem.errors?.map(({ field }) => field)).toEqual(Object.keys(chosen));

    const { user } = await credentialsOf(await ask("/api/auth/register", { body: account }));
    expect(user).toMatchObject({ tier: "free", permissions: [] });
  });

  it("makes the account and signs in, with 201", async () => {
    const body = { email: "Grace@Example.com", password: "correct horse", name: "Grace" };
    const response = await ask("/api/auth/register", { body });

    expect(response.status).toBe(201);
    expect(await credentialsOf(response)).toMatchObject({
      user: { email: "grace@example.com", name: "Grace" },
      token_type: "Bearer",
      expires_in: 900,
    });
  });

  it("stores neither the password nor the refresh token", async () => {
    const { password, refresh_token } = await signUp();
    const stored = await env.DB.batch([
      env.DB.prepare("SELECT * FROM users"),
      env.DB.prepare("SELECT * FROM refresh_tokens"),
    ]);

    expect(JSON.stringify(stored)).not.toContain(password);
    expect(JSON.stringify(stored)).not.toContain(refresh_token);
  });
});

/** D1, but that the audit log is not written before a moment. */
function withHeldAudit(moment: Promise<void>) {
  const held = new Set<D1PreparedStatement>();
  const bindHeld = (statement: D1PreparedStatement) => ({
    bind(...values: unknown[]) {
      const bound = statement.bind(...values);
      held.add(bound);
      return bound;
    },
  });
  return {
    prepare: (sql: string) =>
      sql.includes("audit_events") ? bindHeld(env.DB.prepare(sql)) : env.DB.prepare(sql),
    async batch(statements: D1PreparedStatement[]) {
      if (statements.some((statement) => held.has(statement))) await moment;
      return await env.DB.batch(statements);
    },
  };
}

describe("signing in", () => {
  it("answers an unknown email address as it does a wrong password", async () => {
    const { user } = await signUp();
    const attempts = [
      { email: user.email, password: "wrong password" },
      { email: `nobody-${crypto.randomUUID()}@example.com`, password: "wrong password" },
    ];
    const answers = [];
    for (const body of attempts) {
      const response = await ask("/api/auth/login", {
        body,
        headers: { "x-request-id": "the-same" },
      });
      const headers = [...response.headers].filter(([name]) => name !== "traceresponse");
      answers.push({ headers, problem: await problemOf(response) });
    }
    const failed = env.DB.prepare("SELECT failures FROM sign_in_failures WHERE email_hash = ?");
    for (const { email } of attempts) {
      expect(await failed.bind(hashEmail(email)).first("failures")).toBe(1);
    }

    expect(answers[0]).toMatchObject({ problem: { status: 401, code: "credentials_invalid" } });
    expect(answers[1]).toEqual(answers[0]);
  });

  it("answers a wrong password without waiting for an audit log, as there is none where there is no account", async () => {
    const lost = vi.spyOn(console, "error");
    const { user, access_token: token } = await signUp();
    const held = Promise.withResolvers<void>();
    const body = { email: user.email, password: "wrong password" };
    const bindings = { DB: withHeldAudit(held.promise) };
    const { answer, settled } = begin("/api/auth/login", { body, bindings });

    expect(await problemOf(await answer)).toMatchObject({ code: "credentials_invalid" });
    // Nor was the log given up in the meantime: it is still to come.
    expect(lost).not.toHaveBeenCalled();
    held.resolve();
    await settled();
    const log = AuditPage.parse(await (await ask("/api/account/audit", { token })).json());
    expect(log.data[0]?.action).toBe("sign_in_failed");
  });

  it("refuses an account that was made without a password, whatever is tried", async () => {
    const email = "dev@example.com";
    await ask("/api/auth/dev-login", { body: { email } });

    for (const password of ["null", "password", " "]) {
      const response = await ask("/api/auth/login", { body: { email, password } });
      expect(await problemOf(response)).toMatchObject({ code: "credentials_invalid" });
    }
  });

  it("takes the email address in any case, and starts a session of its own", async () => {
    const { user, password, refresh_token } = await signUp();
    const body = { email: user.email.toUpperCase(), password };
    const response = await ask("/api/auth/login", { body });
    const credentials = await credentialsOf(response);

    expect(response.status).toBe(200);
    expect(credentials.user).toEqual(user);
    expect(credentials.refresh_token).not.toBe(refresh_token);
  });
});

describe("dev-login", () => {
  it.each(["staging", "production"])(
    "is an address like any other that does not exist, in %s",
    async (ENVIRONMENT) => {
      const before = await countRows("users");
      const asked = [
        { method: "GET" },
        { body: { email: "mallory@example.com" } },
        { body: "{" },
        { body: "x", headers: { "content-type": "text/plain" } },
      ];
      for (const request of asked) {
        const options = { ...request, bindings: { ENVIRONMENT } };
        const [here, nowhere] = await Promise.all([
          ask("/api/auth/dev-login", options).then(problemOf),
          ask("/api/auth/dev-logout", options).then(problemOf),
        ]);
        const sameBut = { instance: expect.any(String), request_id: expect.any(String) };
        expect(here).toEqual({ ...nowhere, ...sameBut });
        expect(here.status).toBe(404);
      }
      expect(await countRows("users")).toBe(before);
    },
  );

  it("names a tier or permissions that do not exist", async () => {
    const body = { email: "a@example.com", tier: "root", permissions: [""] };
    const problem = await problemOf(await ask("/api/auth/dev-login", { body }));

    expect(problem.errors?.map(({ field }) => field)).toEqual(["tier", "permissions.0"]);
  });

  it("makes a user as asked, and is the same user the next time, with what is given then", async () => {
    const email = "linus@example.com";
    const first = { email, name: "Linus", tier: "mid", permissions: ["chat", "usage:read"] };
    const made = await credentialsOf(await ask("/api/auth/dev-login", { body: first }));
    const again = await credentialsOf(
      await ask("/api/auth/dev-login", { body: { email, tier: "enterprise" } }),
    );

    expect(made.user).toMatchObject(first);
    expect(again.user).toEqual({ ...made.user, tier: "enterprise" });
  });
});

describe("logging out", () => {
  const LOGOUT = "/api/auth/logout";
  const json = { "content-type": "application/json" };

  it("is refused to somebody who brings no token at all", async () => {
    for (const asked of [{ method: "POST" }, { body: {} }]) {
      expect(await problemOf(await ask(LOGOUT, asked))).toMatchObject({ code: "unauthenticated" });
    }
  });

  it("with a refresh token that nobody was given ends nothing, and does not say so", async () => {
    const body = { refresh_token: "apx_rt_guessed" };

    expect((await ask(LOGOUT, { body })).status).toBe(204);
  });

  it.each<[string, (own: Credentials) => Parameters<typeof ask>[1]]>([
    ["a refresh token", ({ refresh_token }) => ({ body: { refresh_token } })],
    ["the bearer", ({ access_token }) => ({ method: "POST", token: access_token })],
    [
      "the bearer, and a type for a body that is not there",
      ({ access_token }) => ({ method: "POST", token: access_token, headers: json }),
    ],
  ])("by %s ends the session: nothing refreshes it any more", async (_, asked) => {
    const own = await signUp();
    const response = await ask(LOGOUT, asked(own));

    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
    const body = { refresh_token: own.refresh_token };
    expect(await problemOf(await ask("/api/auth/refresh", { body }))).toMatchObject({
      code: "session_ended",
    });
  });
});

describe("while the database fails", () => {
  it("signing in is told to come back, and nothing of the fault", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const fail = () => Promise.reject(new Error("D1_ERROR: hunter2"));
    const statement = { bind: () => statement, raw: fail, all: fail, run: fail };
    const DB = { prepare: () => statement };
    const body = { email: "ada@example.com", password: "correct horse" };
    const response = await ask("/api/auth/login", { body, bindings: { DB } });
    const problem = await problemOf(response);

    expect(problem).toMatchObject({ status: 503, code: "unavailable" });
    expect(response.headers.get("retry-after")).toBe("2");
    expect(JSON.stringify(problem)).not.toContain("hunter2");
  });
});
