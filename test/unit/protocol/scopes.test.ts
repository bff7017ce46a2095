/** Scopes: who holds what, what a key may hold of it, and what bounds the tools of a run. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  findUnheld,
  KeyScope,
  keyScopesOf,
  permits,
  SCOPES,
  scopesOf,
  toolScope,
  toolScopesOf,
} from "../../../src/protocol/scopes.ts";

const scope = fc.constantFrom(...Object.keys(SCOPES), "tools:one", "tools:two", "nonsense");
const scopes = fc.array(scope);

describe("a scope is refused", () => {
  it.each(["account:write", "admin", "operator", "tools:", "tools:A", "tools:*:x", "chat", ""])(
    "to a key: %j",
    (name) => {
      expect(KeyScope.safeParse(name).success).toBe(false);
    },
  );

  it("where nobody holds it, and one tool's is not every tool's", () => {
    expect(permits([], "threads:read")).toBe(false);
    expect(permits(["threads:write", "threads"], "threads:read")).toBe(false);
    expect(permits(["tools:one"], "tools:two")).toBe(false);
    expect(permits(["tools:one"], "tools:*")).toBe(false);
    expect(permits(["*"], "tools:one")).toBe(false);
  });

  it("to a member, where it is an admin's; to everybody, where it is the operator's", () => {
    expect(scopesOf("member", [])).not.toContain("admin");
    expect(scopesOf("admin", [])).toContain("admin");
    expect(scopesOf("admin", [])).not.toContain("operator");
  });
});

describe("whatever is asked for and held", () => {
  it("a key may do no more than its owner, and nothing that no key may", () => {
    fc.assert(
      fc.property(scopes, scopes, (asked, held) => {
        const kept = keyScopesOf(asked, held);
        expect(findUnheld(kept, held)).toBeUndefined();
        for (const one of kept) expect(KeyScope.safeParse(one).success).toBe(true);
        expect(kept.every((one) => asked.includes(one))).toBe(true);
      }),
    );
  });

  it("the first scope that is not held is found, wherever it stands", () => {
    expect(findUnheld(["threads:read", "usage:write"], ["threads:read"])).toBe("usage:write");
    expect(findUnheld(["tools:one"], ["tools:*"])).toBeUndefined();
    expect(findUnheld(["tools:*"], ["tools:one"])).toBe("tools:*");
  });

  it("a run is bounded just as its sender is", () => {
    fc.assert(
      fc.property(scopes, fc.constantFrom("one", "two", "three"), (held, name) => {
        const bound = toolScopesOf(held);
        const tool = toolScope(name);
        expect(bound === null || permits(bound, tool)).toBe(permits(held, tool));
      }),
    );
  });
});
