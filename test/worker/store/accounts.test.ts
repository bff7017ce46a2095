/** Accounts: one for an email address, also when two people ask for it at once. */
import { describe, expect, it } from "vitest";
import { UserId } from "../../../src/protocol/ids.ts";
import { Accounts } from "../../../src/store/accounts.ts";
import { account, db, person } from "./people.ts";

const accounts = new Accounts(db);

describe("an account that is created", () => {
  it("is refused where the email address is taken, and leaves the first one as it was", async () => {
    const first = person();
    await accounts.create(first, "hash of the first");

    const made = await accounts.create(person({ email: first.email, name: "Eve" }), "hash of Eve");

    expect(made).toBe(false);
    expect(await accounts.findByEmail(first.email)).toEqual({
      user: first,
      passwordHash: "hash of the first",
    });
  });

  it("is made exactly once when five ask for one email address at once", async () => {
    const candidates = Array.from({ length: 5 }, () => person({ email: "rush@example.com" }));

    const made = await Promise.all(candidates.map((user) => accounts.create(user, null)));

    expect(made.filter(Boolean)).toHaveLength(1);
    const winner = candidates[made.indexOf(true)];
    expect((await accounts.findByEmail("rush@example.com"))?.user).toEqual(winner);
  });

  it("is found by its id and by its email address, with everything it was made of", async () => {
    const user = person({ tier: "mid", permissions: ["usage:read", "usage:write"] });

    expect(await accounts.create(user, null)).toBe(true);

    expect(await accounts.findById(user.id)).toEqual(user);
    expect(await accounts.findByEmail(user.email)).toEqual({ user, passwordHash: null });
  });
});

describe("an account that does not exist", () => {
  it("is null by id, and by an email address that is SQL", async () => {
    await account();

    expect(await accounts.findById(UserId.parse("nobody"))).toBeNull();
    expect(await accounts.findByEmail("' OR 1=1 --")).toBeNull();
  });
});

describe("a developer's account", () => {
  it("stays the same user for the same email address, and keeps what was not asked for", async () => {
    const first = person({ tier: "early", permissions: ["usage:read"] });
    await accounts.upsertDevelopment(first, {});

    const again = await accounts.upsertDevelopment(person({ email: first.email }), {
      tier: "enterprise",
    });

    expect(again).toEqual({ ...first, tier: "enterprise" });
  });

  it("takes over a new name and new permissions", async () => {
    const first = await accounts.upsertDevelopment(person(), {});

    const again = await accounts.upsertDevelopment(person({ email: first.email }), {
      name: "Grace",
      permissions: ["admin"],
    });

    expect(again).toEqual({ ...first, name: "Grace", permissions: ["admin"] });
    expect(await accounts.findById(first.id)).toEqual(again);
  });

  it("keeps the password of the account it signs in to", async () => {
    const user = person();
    await accounts.create(user, "hash");

    await accounts.upsertDevelopment(person({ email: user.email }), { name: "Grace" });

    expect((await accounts.findByEmail(user.email))?.passwordHash).toBe("hash");
  });
});
