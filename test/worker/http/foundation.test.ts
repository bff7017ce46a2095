/** What holds for every request: addresses, bodies, headers, and failures that say what to do. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { MAX_BODY_BYTES } from "../../../src/protocol/limits.ts";
import { ask, problemOf, signUp } from "./ask.ts";

const LOGIN = "/api/auth/login";

afterEach(() => vi.restoreAllMocks());

describe("an address", () => {
  it.each([
    "/api/nothing",
    "/api/auth",
    "/api/auth/login/",
    "/api//auth/login",
    "/api/auth/LOGIN",
    "/api/auth/%6cogin%00",
    "/api/auth/..%2fauth%2flogin",
    "/internal/threads",
  ])("that does not exist is a 404 problem: %s", async (path) => {
    const problem = await problemOf(await ask(path, { body: {} }));

    expect(problem).toMatchObject({ status: 404, code: "not_found" });
  });

  it("is named by the problem without its query, which may hold what is secret", async () => {
    const problem = await problemOf(await ask("/api/nothing?key=secret"));

    expect(problem.instance).toBe("/api/nothing");
    expect(JSON.stringify(problem)).not.toContain("secret");
  });

  it.each([
    ["GET", LOGIN, "POST"],
    ["DELETE", "/api/auth/me", "GET, HEAD, PATCH"],
    ["OPTIONS", LOGIN, "POST"],
    ["POST", "/openapi.json", "GET, HEAD"],
  ])("refuses %s of %s, and says that it allows %s", async (method, path, allowed) => {
    const response = await ask(path, { method });

    expect(response.headers.get("allow")).toBe(allowed);
    expect(await problemOf(response)).toMatchObject({ status: 405, code: "method_not_allowed" });
  });
});

describe("a body", () => {
  it.each(["{", " ", "{'email': 1}", '{"email": NaN}', '{"email": "a"}}', "\u0000"])(
    "that is not JSON is malformed: %j",
    async (body) => {
      const problem = await problemOf(await ask(LOGIN, { body }));

      expect(problem).toMatchObject({ status: 400, code: "malformed_body" });
    },
  );

  it.each([
    ["null", "null"],
    ["a list", "[]"],
    ["a depth of 100,000", "[".repeat(60_000) + "]".repeat(60_000)],
    ["a number beyond all bounds", '{"email": 1e999, "password": "x"}'],
    ["fields on its prototype", '{"__proto__": {"email": "a@b.cd", "password": "x"}}'],
  ])("of %s names its fields at fault", async (_, body) => {
    const problem = await problemOf(await ask(LOGIN, { body }));

    expect(problem).toMatchObject({ status: 422, code: "invalid_fields" });
    expect(problem.errors?.length).toBeGreaterThan(0);
  });

  it("that is announced by its type but not sent names the fields it should have", async () => {
    const headers = { "content-type": "application/json" };
    const problem = await problemOf(await ask(LOGIN, { method: "POST", headers }));

    expect(problem.errors?.map(({ field }) => field)).toEqual(["email", "password"]);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json"])(
    "of the type %s is not read",
    async (type) => {
      const body = JSON.stringify({ email: "a@example.com", password: "x" });
      const response = await ask(LOGIN, { body, headers: { "content-type": type } });

      expect(await problemOf(response)).toMatchObject({
        status: 415,
        code: "unsupported_media_type",
      });
    },
  );

  it("that is too large is refused by its announced length", async () => {
    const response = await ask(LOGIN, { body: { email: "x".repeat(MAX_BODY_BYTES) } });

    expect(await problemOf(response)).toMatchObject({ status: 413, code: "too_large" });
  });

  it("that never ends is refused where no length is announced, and not read for ever", async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(16 * 1024));
      },
    });

    const response = await ask(LOGIN, { method: "POST", body: endless });

    expect(await problemOf(response)).toMatchObject({ status: 413, code: "too_large" });
    expect(pulled * 16 * 1024).toBeLessThan(20 * 1024 * 1024);
  });
});

describe("a failure nobody foresaw", () => {
  const fail = () => {
    vi.spyOn(systemClock, "now").mockImplementation(() => {
      throw new Error("postgres://ada:hunter2@10.0.0.1");
    });
    return ask("/api/auth/dev-login", { body: { email: "ada@example.com" } });
  };

  it("is a 500 problem that hides what it was, and gives an id to ask about", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const response = await fail();
    const problem = await problemOf(response);

    expect(problem).toMatchObject({ status: 500, code: "internal" });
    expect(problem.request_id).toBe(response.headers.get("x-request-id"));
    expect(JSON.stringify(problem)).not.toContain("hunter2");
  });

  it("is logged under the request's id, without its message", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const response = await fail();
    const lines = logged.mock.calls.join();

    expect(lines).toContain("request_failed");
    expect(lines).toContain(response.headers.get("x-request-id"));
    expect(lines).not.toContain("hunter2");
  });
});

describe("an answer", () => {
  it.each(["/api/nothing", "/api/health", "/openapi.json"])(
    "at %s can't be sniffed, framed, run, or read by another site",
    async (path) => {
      const { headers } = await ask(path, { headers: { origin: "https://evil.test" } });

      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    },
  );

  it("below /api is stored by no cache, be it good or bad", async () => {
    const { access_token } = await signUp();

    for (const asked of [{ token: access_token }, {}]) {
      const { headers } = await ask("/api/auth/me", asked);
      expect(headers.get("cache-control")).toBe("no-store");
    }
  });

  it("carries the request's own id where that is sane", async () => {
    const { headers } = await ask("/health/live", { headers: { "x-request-id": "trace-42_a" } });

    expect(headers.get("x-request-id")).toBe("trace-42_a");
  });

  it.each(["<script>", "a b", '{"level":"info"}', "x".repeat(300)])(
    "carries a new id where the request's is %.20s",
    async (id) => {
      const { headers } = await ask("/health/live", { headers: { "x-request-id": id } });

      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});
