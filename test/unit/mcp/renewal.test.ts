/** A renewal that nobody waits for, that can't be kept at once, or that comes too late: what becomes of its tokens. */
import { beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { SignInNeeded } from "../../../src/mcp/failure.ts";
import type { KnownSignIn } from "../../../src/mcp/sign-in/book.ts";
import { guardedFetch } from "../../../src/mcp/sign-in/guarded-fetch.ts";
import type { Kept } from "../../../src/mcp/sign-in/kept.ts";
import { renewing } from "../../../src/mcp/sign-in/renewal.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { McpServerId, UserId } from "../../../src/protocol/ids.ts";
import { memoryLog } from "../core/memory-log.ts";

const ME = UserId.parse("me");
const SERVER = { id: McpServerId.parse("server-1"), url: "https://mcp.example.com/mcp" };
const ISSUER = "https://auth.example.com";
const SIGNED_IN: Kept = {
  authority: {
    address: SERVER.url,
    server: {
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      revocation_endpoint: `${ISSUER}/revoke`,
    },
    resource: SERVER.url,
    scope: null,
  },
  client: {
    origin: "given",
    client_id: "mine",
    client_secret: null,
    auth_method: "none",
    redirect_uri: "https://apex.test/back",
    secret_expires_at: 0,
  },
  tokens: { access_token: "access-1", refresh_token: "refresh-1", renew_at: null },
};

let known: KnownSignIn | null;
/** Versions of which the server was said to ask for a sign-in. */
let needed: number[];
/** What happens while an answer of the token endpoint is under way, and the answer. */
let answer: () => Response;
/** What the attempts to save meet, one after the other, before they save. */
let troubles: (() => void)[];
let revoked: (string | null)[];
let awaited: Promise<unknown>[];

beforeEach(() => {
  const common = { challenge: { resourceMetadata: null, scope: null }, pending: null, mark: null };
  known = { ...common, status: "signed_in", kept: SIGNED_IN, version: 3 };
  [needed, troubles, revoked, awaited] = [[], [], [], []];
  answer = tokens;
});

function tokens(): Response {
  const told = { access_token: "access-2", refresh_token: "refresh-2", token_type: "Bearer" };
  return Response.json(told);
}

function token() {
  return renewing(ME, SERVER, {
    book: {
      find: async () => known,
      need: async (_user, _id, _challenge, version) => void needed.push(version),
      lease: async (_user, _id, version) => known?.version === version,
      async save(_user, _id, kept, status, version) {
        troubles.shift()?.();
        if (known?.version !== version) return false;
        known = { ...known, kept, status, version: version + 1 };
        return true;
      },
    },
    fetch: guardedFetch({
      isDevelopment: false,
      async fetch(request) {
        const fields = new URLSearchParams(await request.text());
        if (new URL(request.url).pathname === "/token") return answer();
        revoked.push(fields.get("token"));
        return new Response(null);
      },
    }),
    clock: systemClock,
    log: memoryLog(),
    waitUntil: (work) => void awaited.push(work),
  });
}

/** Tokens of a sign-in that took the place of the first. */
function another(): Kept {
  return { ...SIGNED_IN, tokens: { access_token: "other", refresh_token: null, renew_at: null } };
}

describe("What a renewal gives", () => {
  test("is kept by whatever outlives the visit, which it is given to before it is asked for", async () => {
    const waited = Promise.withResolvers<void>();
    answer = () => {
      waited.resolve();
      return tokens();
    };
    const gone = token().renew("access-1");
    await waited.promise;
    expect(awaited).toHaveLength(1);
    await Promise.all(awaited);
    expect(known).toMatchObject({ version: 4, kept: { tokens: { refresh_token: "refresh-2" } } });
    expect(await gone).toBe("access-2");
  });

  test("is kept once the database answers again: the server gives it once", async () => {
    const away = () => {
      throw new ApexError("unavailable", "The database did not answer.");
    };
    troubles = [away, away];
    expect(await token().renew("access-1")).toBe("access-2");
    expect(known).toMatchObject({ version: 4, kept: { tokens: { refresh_token: "refresh-2" } } });
  });

  test("is no use where the server refuses it at once: that is remembered of the new version", async () => {
    const shown = token();
    await shown.renew("access-1");
    await shown.refused(null);
    expect(needed).toEqual([4]);
  });

  test("is revoked where its user has signed out meanwhile", async () => {
    answer = () => {
      known = null;
      return tokens();
    };
    await expect(token().renew("access-1")).rejects.toBeInstanceOf(SignInNeeded);
    expect(revoked).toEqual(["refresh-2", "access-2"]);
  });

  test.each([
    ["tokens", tokens],
    ["a last word", () => Response.json({ error: "invalid_grant" }, { status: 400 })],
  ])("as %s says nothing of the sign-in that came in its place", async (_name, late) => {
    answer = () => {
      known = known && { ...known, kept: another(), version: 4 };
      return late();
    };
    expect(await token().renew("access-1")).toBe("other");
    expect(known).toMatchObject({ version: 4, status: "signed_in", kept: another() });
    expect(revoked).toEqual([]);
  });
});
