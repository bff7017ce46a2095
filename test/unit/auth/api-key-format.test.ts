/** The form of an API key: what is no key is known without asking anybody, and what is one is found by scanners. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newApiKey, readApiKey } from "../../../src/auth/api-key-format.ts";

const { key, id, start, secretHash } = newApiKey();
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

describe("a text is no key", () => {
  it("where any one character of a key is another", () => {
    const place = fc.nat(key.length - 1);
    fc.assert(
      fc.property(place, fc.constantFrom(...ALPHABET, " ", "é", "\n"), (at, other) => {
        fc.pre(key[at] !== other);
        expect(readApiKey(key.slice(0, at) + other + key.slice(at + 1))).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  it("where two neighbours changed places", () => {
    for (let at = 0; at + 1 < key.length; at += 1) {
      const [one = "", two = ""] = key.slice(at, at + 2);
      if (one !== two)
        expect(readApiKey(key.slice(0, at) + two + one + key.slice(at + 2))).toBeNull();
    }
  });

  it("where a character is missing or too many, anywhere", () => {
    for (let at = 0; at <= key.length; at += 1) {
      expect(readApiKey(`${key.slice(0, at)}A${key.slice(at)}`)).toBeNull();
      if (at < key.length) expect(readApiKey(key.slice(0, at) + key.slice(at + 1))).toBeNull();
    }
  });

  it.each(["", "apx_key_", `${key}\n`, ` ${key}`, key.toUpperCase(), "x".repeat(100_000)])(
    "as %.12j",
    (text) => {
      expect(readApiKey(text)).toBeNull();
    },
  );
});

describe("a key", () => {
  it("names its id, and a hash that does not show its secret", () => {
    expect(readApiKey(key)).toEqual({ id, secretHash });
    expect(secretHash).toMatch(/^[0-9a-f]{64}$/);
    expect(key).not.toContain(secretHash);
  });

  it("shows none of its secret in its first characters", () => {
    expect(key.startsWith(start)).toBe(true);
    expect(start.length).toBeLessThan(key.indexOf(id) + id.length);
  });

  it("ends with six characters of base62, whatever its checksum", () => {
    for (let made = 0; made < 200; made += 1) {
      const another = newApiKey();
      expect(another.key).toMatch(/^apx_key_[0-9a-f]{32}_[\w-]{43}[0-9A-Za-z]{6}$/);
      expect(readApiKey(another.key)?.id).toBe(another.id);
    }
  });
});
