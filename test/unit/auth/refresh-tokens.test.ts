/** Refresh tokens: unguessable, recognisable when leaked, and stored as a hash. */
import { describe, expect, it } from "vitest";
import { newRefreshToken } from "../../../src/auth/refresh-tokens.ts";
import { hashSecret } from "../../../src/auth/secret-hash.ts";

describe("a refresh token", () => {
  it("has 256 random bits behind a prefix that scanners can find", () => {
    const tokens = Array.from({ length: 1_000 }, newRefreshToken);

    expect(new Set(tokens).size).toBe(tokens.length);
    for (const token of tokens) expect(token).toMatch(/^apx_rt_[\w-]{43}$/);
  });

  it("is known by its SHA-256", () => {
    expect(hashSecret("abc")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });
});
