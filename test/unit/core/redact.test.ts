/** The last line of defence of the log: what looks like a secret is not written, all else is. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { newApiKey } from "../../../src/auth/api-key-format.ts";
import { newInvitationToken } from "../../../src/auth/invitation-tokens.ts";
import { newRefreshToken } from "../../../src/auth/refresh-tokens.ts";
import { redact } from "../../../src/core/redact.ts";
import { consoleLog, withLogContext } from "../../../src/telemetry/log.ts";

afterEach(() => vi.restoreAllMocks());

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";

describe("what looks like a secret is taken out of its text:", () => {
  test.each([
    ["a signed token", JWT],
    ["a cut token", JWT.slice(0, 30)],
    ["an API key of ours", "apx_0123456789abcdefghijABCDEFGHIJ_crc"],
    ["an API key as it is made", newApiKey().key],
    ["a refresh token as it is made", newRefreshToken()],
    ["an invitation as it is made", newInvitationToken()],
    ["a token of ours that begins with a hyphen", `apx_rt_-${"a-_".repeat(14)}`],
    ["an API key with a hyphen within", `apx_key_0123456789abcdef_${"Ab-".repeat(14)}x123456`],
    ["a key of a model endpoint", "sk-proj-abcdEFGH1234-_xyz"],
    ["a bearer's credential", "Bearer 0123456789"],
    ["a bearer in lower case", "bearer 0123456789"],
    ["a pair of name and password", "Basic YWRhOnNlY3JldA=="],
  ])("%s", (_, secret) => {
    expect(redact("reason", `it says ${secret}, twice: "${secret}"`)).toBe(
      'it says [redacted], twice: "[redacted]"',
    );
  });

  test("a token in an address", () => {
    expect(redact("path", `/ws?x=${JWT}&after=1`)).toBe("/ws?x=[redacted]&after=1");
  });
});

test.each([
  "password",
  "new_password",
  "refresh_token",
  "accessToken",
  "client_secret",
  "JWT_SECRET",
  "Authorization",
  "Set-Cookie",
  "api_key",
  "ticket",
])("the text of a field called %s is not told, whatever it looks like", (name) => {
  expect(redact(name, "hunter2")).toBe("[redacted]");
});

test.each([
  ["event", "api_key.revoked"],
  ["thread_id", "01981f2e-9c3a-7b60-8000-2f9f8f6f2d11"],
  ["reason", "a risk-free task of the bearer, and a basic one"],
  ["stack", "    at verify (src/auth/access-tokens.ts:12:3)"],
  ["code", "token_invalid"],
])("what is no secret stays as it is: %s", (name, text) => {
  expect(redact(name, text)).toBe(text);
});

test("the log writes no secret, and numbers of tokens all the same", () => {
  const lines: unknown[] = [];
  for (const level of ["log", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line: string) => lines.push(JSON.parse(line)));
  }
  withLogContext({ user_id: "u", request_id: JWT }, () => {
    consoleLog.info("a", { password: "hunter2", input_tokens: 12 });
    consoleLog.warn("b", { reason: `told ${JWT}` });
    consoleLog.error("c", new Error(JWT), { detail: "sk-12345678" });
  });

  expect(lines).toMatchObject([
    { user_id: "u", password: "[redacted]", input_tokens: 12 },
    { user_id: "u", reason: "told [redacted]" },
    { user_id: "u", detail: "[redacted]" },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/hunter2|eyJ|sk-/);
});
