/** Sign-ins to connected servers that somebody meddles with, and sign-in servers that mean no good. */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Person } from "../../e2e/person.ts";
import {
  begin,
  checked,
  comeBack,
  goThere,
  type Protected,
  problemIn,
  signIn,
  startProtected,
  told,
} from "./sign-in-browser.ts";
import { Stage } from "./stage.ts";

let stage: Stage;
let there: Protected;
let person: Person;
let id: string;

beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());
beforeEach(async () => {
  there = await startProtected();
  const connected = await stage.personWith(there.remote.url);
  person = connected.person;
  id = connected.server.id;
});
afterEach(() => there.close());

const asked = (path: string) => there.authority.seen.filter((each) => each.path === path).length;

describe("The way back is refused, and no code is redeemed,", () => {
  afterEach(async () => {
    expect(asked("/token")).toBe(0);
    expect(await told(person, id)).toMatchObject({ sign_in: "needed" });
  });

  test("without the cookie of the browser that began", async () => {
    const { back } = await goThere(person, id);
    expect((await problemIn(await comeBack({ cookie: "", back }))).code).toBe("sign_in_failed");
  });

  test("with a state that was never given, or two of them", async () => {
    const way = await goThere(person, id);
    const [foreign, double] = [new URL(way.back), new URL(way.back)];
    foreign.searchParams.set("state", "x".repeat(43));
    double.searchParams.append("state", "x");
    for (const back of [foreign, double]) {
      expect((await problemIn(await comeBack({ ...way, back }))).code).toBe("sign_in_failed");
    }
  });

  test("in the browser of another user, who has begun one of their own", async () => {
    const mine = await goThere(person, id);
    const other = await stage.personWith(there.remote.url);
    const theirs = await goThere(other.person, other.server.id);
    const crossed = await problemIn(await comeBack({ cookie: theirs.cookie, back: mine.back }));
    expect(crossed.code).toBe("sign_in_failed");
    expect(await told(other.person, other.server.id)).toMatchObject({ sign_in: "needed" });
  });

  test("for a sign-in that was begun anew since", async () => {
    const first = await goThere(person, id);
    await goThere(person, id);
    expect((await problemIn(await comeBack(first))).code).toBe("sign_in_failed");
  });

  test.each<[string, (back: URL) => void]>([
    ["another issuer", (back) => back.searchParams.set("iss", "https://honest.example.com")],
    [
      "no issuer, where the server says that it tells it",
      (back) => back.searchParams.delete("iss"),
    ],
    ["two issuers", (back) => back.searchParams.append("iss", "https://honest.example.com")],
  ])("with %s (mix-up)", async (_name, change) => {
    const way = await goThere(person, id);
    change(way.back);
    expect((await problemIn(await comeBack(way))).code).toBe("sign_in_failed");
  });

  test("where the person said no; a browser is led to the page", async () => {
    there.authority.consent = "denied";
    const { cookie, back } = await goThere(person, id);
    const headers = { cookie, accept: "text/html" };
    const answer = await fetch(back, { redirect: "manual", headers });
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe("/settings/servers?sign_in_error=sign_in_failed");
  });
});

test("An answer counts once: played again, it changes nothing", async () => {
  const way = await goThere(person, id);
  expect((await comeBack(way)).status).toBe(302);
  expect((await problemIn(await comeBack(way))).code).toBe("sign_in_failed");
  const at = await Promise.all(
    [goThere(person, id)].map(async (again) => {
      const both = await again;
      return await Promise.all([comeBack(both), comeBack(both)]);
    }),
  );
  expect(
    at
      .flat()
      .map(({ status }) => status)
      .toSorted(),
  ).toEqual([302, 400]);
  expect(asked("/token")).toBe(2);
  expect(await told(person, id)).toMatchObject({ sign_in: "signed_in" });
});

test("Nobody begins, or ends, a sign-in to a server of somebody else's", async () => {
  const stranger = await stage.person();
  const before = there.authority.seen.length;
  expect((await begin(stranger, id)).status).toBe(404);
  const out = await stranger.request("DELETE", `/api/mcp/servers/${id}/sign-in`);
  expect(out.status).toBe(404);
  expect(there.authority.seen.length).toBe(before);
});

describe("What a server tells of signing in is not believed where", () => {
  const INWARDS = "http://169.254.169.254/latest/meta-data";
  const challengeOf = (url: string) => `Bearer resource_metadata="${url}"`;
  const protectedBy = (changes: object) => {
    const { remote } = there;
    if (remote.protection) remote.protection = { ...remote.protection, ...changes };
  };
  const resourceOf = (changes: object) =>
    protectedBy({ metadata: { ...there.remote.protection?.metadata, ...changes } });

  test.each<[string, string, () => void]>([
    [
      "its metadata is at a private address",
      "must be https",
      () => {
        protectedBy({ challenge: challengeOf(INWARDS) });
      },
    ],
    [
      "its metadata is at an address without a host",
      "must be https",
      () => {
        protectedBy({ challenge: challengeOf("file:///etc/passwd") });
      },
    ],
    [
      "it is about another server",
      "about another server",
      () => {
        resourceOf({ resource: "https://mcp.example.com/mcp" });
      },
    ],
    [
      "the sign-in server is at a private address",
      "must be https",
      () => {
        resourceOf({ authorization_servers: [INWARDS] });
      },
    ],
    [
      "the sign-in server says that it is another",
      "can't be used",
      () => {
        there.authority.metadata.issuer = "https://honest.example.com";
      },
    ],
    [
      "the person would be sent to a script",
      "must be https",
      () => {
        there.authority.metadata.authorization_endpoint = "javascript:alert(1)";
      },
    ],
    [
      "tokens would be asked of a private address",
      "must be https",
      () => {
        there.authority.metadata.token_endpoint = INWARDS;
      },
    ],
    [
      "there is no PKCE with S256",
      "PKCE",
      () => {
        there.authority.metadata.code_challenge_methods_supported = ["plain"];
      },
    ],
  ])("%s", async (_name, reason, lie) => {
    lie();
    await checked(person, id);
    const refused = await problemIn(await begin(person, id));
    expect(refused).toMatchObject({ status: 502, code: "provider_unavailable" });
    expect(refused.detail).toContain(reason);
    expect(asked("/register") + asked("/authorize") + asked("/token")).toBe(0);
  });
});

/** 100 MB, as far as somebody takes them. */
async function endless(response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "application/json" });
  const chunk = Buffer.alloc(256 * 1024, " ");
  await pipeline(Readable.from(Array.from({ length: 400 }, () => chunk)), response).catch(
    () => undefined,
  );
}

const TROUBLES: [string, string, (response: ServerResponse) => void | Promise<void>][] = [
  ["hangs", "did not answer as it should", () => undefined],
  ["answers with 100 MB", "more than 1024 KiB", endless],
  [
    "redirects to another scheme",
    "not followed",
    (response) => {
      response.writeHead(307, { location: "ftp://127.0.0.1/token" }).end();
    },
  ],
  ["breaks down", "", (response) => void response.writeHead(500).end("<p>No.</p>")],
];

describe("A token endpoint that", () => {
  test.each(TROUBLES)(
    "%s fails the sign-in, and holds nobody up",
    async (_name, reason, trouble) => {
      const way = await goThere(person, id);
      there.authority.trouble.set("/token", trouble);
      const refused = await problemIn(await comeBack(way));
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect(refused.detail).toContain(reason);
      expect(await told(person, id)).toMatchObject({ sign_in: "needed" });
    },
  );

  test("hangs at a renewal is asked once by all who wait, and the sign-in stays", async () => {
    await signIn(person, id);
    there.authority.expire();
    there.authority.trouble.set("/token", () => undefined);
    const before = asked("/token");
    const states = await Promise.all([1, 2, 3].map(() => checked(person, id)));
    for (const state of states) {
      expect(state).toMatchObject({ health: "failing", sign_in: "signed_in" });
    }
    expect(asked("/token") - before).toBe(1);
    there.authority.trouble.clear();
    await expect
      .poll(() => checked(person, id), { timeout: 20_000, interval: 1_000 })
      .toMatchObject({ health: "healthy", sign_in: "signed_in" });
  });
});
