/** Identities in D1: one user an identity, and no identity for somebody else's account. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { Identities } from "../../../src/store/identities.ts";
import { SpentTokens } from "../../../src/store/spent-tokens.ts";
import { account, db, person } from "./people.ts";

const identities = new Identities(db);
const spentTokens = new SpentTokens(db);
const issuer = "https://id.example.com";

let subjects = 0;
function newIdentity() {
  subjects += 1;
  return { issuer, subject: `subject-${subjects}` };
}

function count(table: "users" | "identities" | "spent_tokens"): Promise<number | null> {
  return env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n");
}

describe("an identity", () => {
  it("is nobody's before its first sight", async () => {
    expect(await identities.find(newIdentity())).toBeNull();
  });

  it("is not given an account that has its email address", async () => {
    const { email } = await account();
    const identity = newIdentity();

    expect(await identities.findOrMake(identity, person({ email }))).toBeNull();
    expect(await identities.find(identity)).toBeNull();
  });

  it("makes one user and leaves nothing over, however many see it first at once", async () => {
    const identity = newIdentity();
    const before = await count("users");

    const made = await Promise.all(
      Array.from({ length: 8 }, () => identities.findOrMake(identity, person())),
    );

    expect(new Set(made.map((user) => user?.id)).size).toBe(1);
    expect(made[0]).toEqual(await identities.find(identity));
    expect(await count("users")).toBe(Number(before) + 1);
  });

  it("keeps its user, whatever it says of itself later", async () => {
    const identity = newIdentity();
    const user = person({ permissions: ["usage:read"] });

    expect(await identities.findOrMake(identity, user)).toEqual(user);
    expect(await identities.findOrMake(identity, person())).toEqual(user);
  });

  it("of another issuer with the same subject is somebody else", async () => {
    const one = newIdentity();
    const other = { ...one, issuer: "https://other.example.com" };

    const users = [
      await identities.findOrMake(one, person()),
      await identities.findOrMake(other, person()),
    ];

    expect(users[0]?.id).not.toBe(users[1]?.id);
  });

  it("goes with its user", async () => {
    const identity = newIdentity();
    const user = await identities.findOrMake(identity, person());
    await env.DB.prepare("DELETE FROM users WHERE id = ?").bind(user?.id).run();

    expect(await identities.find(identity)).toBeNull();
  });
});

describe("a one-time token", () => {
  const expiresAt = "2026-11-21T12:10:00.000Z";
  const now = "2026-11-21T12:00:00.000Z";

  it("is spent by exactly one of many at once, and by nobody later", async () => {
    const token = { id: "token-1", expiresAt, now };

    const spent = await Promise.all(Array.from({ length: 20 }, () => spentTokens.spend(token)));

    expect(spent.filter(Boolean)).toHaveLength(1);
    expect(await spentTokens.spend(token)).toBe(false);
  });

  it("is swept away when its time is over", async () => {
    await spentTokens.spend({ id: "token-2", expiresAt, now });
    await spentTokens.spend({
      id: "token-3",
      expiresAt: "2026-11-22T00:00:00.000Z",
      now: expiresAt,
    });

    expect(await count("spent_tokens")).toBe(1);
  });
});
