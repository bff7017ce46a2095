/** Passwords: hashed so that a stolen table is of no use, checked so that timing tells nothing. */
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { hashPassword, verifyPassword } from "../../../src/auth/passwords.ts";

/** "correct horse" at a cost of next to nothing, hashed by another implementation. */
const cheap = "scrypt$16$1$1$c2FsdC1vZi0xNi1ieXRlcw$R_ntI3gOlLzF4aCG4JFwrWP5FRond8Ud6hiLkDr4c9g";

describe("a password", () => {
  it("is refused where it is wrong, by a letter, its case or a space", async () => {
    for (const wrong of ["correct horsf", "Correct horse", "correct horse ", ""]) {
      expect(await verifyPassword(wrong, cheap)).toBe(false);
    }
  });

  it("is refused where there is no account to check it against", async () => {
    expect(await verifyPassword("correct horse", null)).toBe(false);
  });

  it("costs the same work where there is no account as where it is wrong", async () => {
    const stored = await hashPassword("correct horse");
    const derive = vi.spyOn(crypto, "scrypt");
    syncBuiltinESMExports();
    onTestFinished(() => {
      derive.mockRestore();
      syncBuiltinESMExports();
    });

    for (const known of [stored, null]) await verifyPassword("battery staple", known);

    // All that takes time, which the salt does not.
    const work = derive.mock.calls.map(([password, , length, cost]) => [password, length, cost]);
    const one = ["battery staple", 32, { N: 16_384, r: 8, p: 5 }];
    expect(work).toEqual([one, one]);
  });

  it.each(["", "correct horse", "md5$abc", "scrypt$16384$8$5$$", "scrypt$16384$8$5$c2FsdA"])(
    "is not checked against %j, which is no hash of ours",
    async (stored) => {
      await expect(verifyPassword("correct horse", stored)).rejects.toThrow("not of a known form");
    },
  );

  it("is accepted where it is right, however its characters were typed", async () => {
    const stored = await hashPassword("Ångström ﬁn");

    expect(await verifyPassword("Ångström ﬁn", stored)).toBe(true);
    expect(await verifyPassword("A\u030angstro\u0308m fin", stored)).toBe(true);
  });

  it("is stored with how it was hashed, a salt of its own, and nothing of itself", async () => {
    const [one, two] = await Promise.all([
      hashPassword("secret word"),
      hashPassword("secret word"),
    ]);

    expect(one).toMatch(/^scrypt\$16384\$8\$5\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect(one).not.toContain("secret");
  });

  it("is checked by the cost it was stored with, so that the cost can be raised later", async () => {
    expect(await verifyPassword("correct horse", cheap)).toBe(true);
    expect(await verifyPassword("battery staple", cheap)).toBe(false);
  });
});
