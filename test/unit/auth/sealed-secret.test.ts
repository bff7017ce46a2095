/** Secrets that are sealed: opened by our keys alone, for whom they were sealed, and as they were. */
import { describe, expect, test } from "vitest";
import { openSecret, sealSecret } from "../../../src/auth/sealed-secret.ts";
import { keyRing } from "../../../src/auth/signing-keys.ts";

const ring = (jwtSecret: string) => keyRing({ jwtSecret, signingKeys: [] });
const OURS = ring("a-secret-for-tests-of-more-than-32-characters");
const OTHER = ring("another-secret-of-more-than-32-characters----");

describe("A sealed secret opens", () => {
  test("as it was, and is sealed otherwise each time", async () => {
    const sealed = await sealSecret(OURS, "tøken", "server-1");
    expect(sealed).not.toContain("tøken");
    expect(await sealSecret(OURS, "tøken", "server-1")).not.toBe(sealed);
    expect(await openSecret(OURS, sealed, "server-1")).toEqual({
      secret: "tøken",
      isAged: false,
    });
  });

  test("by a key that only verifies any more, which is told", async () => {
    const sealed = await sealSecret(OURS, "token", "server-1");
    const both = { signing: OTHER.signing, all: [...OTHER.all, ...OURS.all] };
    const opened = await openSecret(both, sealed, "server-1");
    expect(opened).toEqual({ secret: "token", isAged: true });
  });
});

describe("A sealed secret stays shut", () => {
  test("to other keys, for another owner, and once a bit of it has changed", async () => {
    const sealed = await sealSecret(OURS, "token", "server-1");
    expect(await openSecret(OTHER, sealed, "server-1")).toBeNull();
    expect(await openSecret(OURS, sealed, "server-2")).toBeNull();
    const at = sealed.length - 3;
    const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
    expect(await openSecret(OURS, changed, "server-1")).toBeNull();
  });

  test.each(["", "token", "v0.AAAA.AAAA", "v1", "v1..", "v1.%.%"])("as %j", async (text) => {
    expect(await openSecret(OURS, text, "server-1")).toBeNull();
  });
});
