/** Which pages may speak MCP: those of this host, and of the list; in development of this machine alone. */
import { describe, expect, it } from "vitest";
import { isKnownPage } from "../../../../src/doors/mcp/known-page.ts";

function asked(url: string, origin: string | null, environment: "development" | "production") {
  const headers = new Headers(origin === null ? {} : { origin });
  return isKnownPage({ url, headers }, { allowedOrigins: ["https://app.test"], environment });
}

describe.each(["development", "production"] as const)("in %s", (environment) => {
  it.each([
    ["a program, which says no origin", null, true],
    ["a page on the list", "https://app.test", true],
    ["a page of another host", "https://evil.test", false],
    ["a page that may not say its origin", "null", false],
    ["a page of another port", "http://127.0.0.1:1", false],
    ["a page of this host", "http://127.0.0.1:8787", true],
  ])("%s", (_, origin, known) => {
    expect(asked("http://127.0.0.1:8787/mcp", origin, environment)).toBe(known);
  });
});

it("is not fooled by a name that was made to mean this machine", () => {
  expect(asked("http://evil.test:8787/mcp", "http://evil.test:8787", "development")).toBe(false);
});
