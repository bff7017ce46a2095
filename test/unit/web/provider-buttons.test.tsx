/**
 * Signing in at a provider, as the page sees it: the buttons, the way back, and what went wrong.
 * @vitest-environment happy-dom
 */
import { screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ApexClient } from "../../../src/client/index.ts";
import { browserStore } from "../../../src/web/session/browser-store.ts";
import { failureOf } from "../../../src/web/session/provider-buttons.tsx";
import { csrfTokenOf, takeOverSignIn } from "../../../src/web/session/take-over.ts";
import { credentials } from "../client/frames.ts";
import { refusal, stage, strike } from "./stage.tsx";

const GITHUB = { name: "github", title: "GitHub", start_url: "/api/auth/oauth/github/start" };

afterEach(() => {
  strike();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A client over one answer, and what it was asked. */
function clientOver(answer: { status: number; body?: unknown }) {
  const asked: RequestInit[] = [];
  const store = browserStore();
  const client = new ApexClient({
    baseUrl: "http://apex.test",
    store,
    async fetch(_, init) {
      asked.push(init);
      return new Response(JSON.stringify(answer.body), { status: answer.status });
    },
  });
  return { asked, client, store };
}

function withCookies(cookies: string) {
  vi.stubGlobal("isSecureContext", false);
  const set = vi.spyOn(document, "cookie", "set").mockImplementation(() => undefined);
  vi.spyOn(document, "cookie", "get").mockReturnValue(cookies);
  return set;
}

describe("the providers", () => {
  test("are not there where the server does not tell of them, and the forms are", async () => {
    const { asked } = await stage({}, "/", false);
    await waitFor(() => expect(asked).toContain("GET /api/auth/oauth"));
    expect(screen.queryByRole("navigation")).toBeNull();
    expect(screen.getByRole("button", { name: "Sign in" })).toBeDefined();
  });

  test("are links that come back to the page that is open", async () => {
    const routes = { "GET /api/auth/oauth": () => ({ status: 200, body: { data: [GITHUB] } }) };
    await stage(routes, "/t/thread-1", false);
    const link = await screen.findByRole("link", { name: "Sign in with GitHub" });
    expect(link.getAttribute("href")).toBe(`${GITHUB.start_url}?return_to=%2Ft%2Fthread-1`);
  });

  test("that failed are spoken of in words", async () => {
    await stage({}, "/?sign_in_error=email_taken", false);
    expect(screen.getByRole("alert").textContent).toContain("An account with this email address");
  });

  test.each([
    ["", undefined],
    ["?sign_in_error=unavailable", "unavailable"],
    ["?sign_in_error=<script>", "sign_in_failed"],
  ])("told of by %j are %j", (search, code) => {
    expect(failureOf(search)?.code).toBe(code);
  });
});

describe("a sign-in that came back in cookies", () => {
  test.each(["", "other=1", "__Host-apex-csrf=", "x__Host-apex-csrf=token"])(
    "is none where the cookies are %j",
    (cookies) => {
      expect(csrfTokenOf(cookies)).toBeNull();
    },
  );

  test("is left alone where the page is signed in", async () => {
    withCookies("__Host-apex-csrf=token");
    const { asked, client, store } = clientOver({ status: 200, body: credentials(2) });
    await store.save({ ...credentials(1), renew_at: 0 });
    await takeOverSignIn(client, store);
    expect(asked).toEqual([]);
  });

  test("that has ended leaves the page as it is, and is not tried again", async () => {
    const set = withCookies("__Host-apex-csrf=token");
    const { client, store } = clientOver(refusal("session_ended", 401));
    await takeOverSignIn(client, store);
    expect(store.read()).toBeNull();
    expect(set.mock.calls.join()).toContain("Max-Age=0");
  });

  test("is taken over, with the CSRF token and no body, and its cookie goes", async () => {
    const set = withCookies("a=b; __Host-apex-csrf=token-1; c=d");
    const { asked, client, store } = clientOver({ status: 200, body: credentials(2) });
    await takeOverSignIn(client, store);
    expect(asked).toEqual([
      expect.objectContaining({
        method: "POST",
        headers: { accept: "application/json", "X-CSRF-Token": "token-1" },
      }),
    ]);
    expect(asked[0]).not.toHaveProperty("body");
    expect(await store.load()).toMatchObject({ refresh_token: "refresh-2" });
    expect(set.mock.calls.join()).toContain("__Host-apex-csrf=; Path=/; Secure");
  });
});
