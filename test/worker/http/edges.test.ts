/** The edges of the app: what is refused before any route sees it, and what every answer carries. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Asked, ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";

const LOGIN = "/api/auth/login";
const APP = "https://app.example.com";
const bindings = { ALLOWED_ORIGINS: `${APP}, http://localhost:5173` };

afterEach(() => {
  vi.useRealTimers();
});

describe("a body", () => {
  it.each(["gzip", "br", "deflate", "identity, gzip", "x-unknown"])(
    "that is encoded as %s is refused before it is unpacked",
    async (encoding) => {
      const headers = { "content-encoding": encoding };
      const problem = await problemOf(await ask(LOGIN, { body: {}, headers }));

      expect(problem).toMatchObject({ status: 415, code: "unsupported_media_type" });
      expect(problem.detail).toContain("Content-Encoding");
    },
  );

  it("that says it is not encoded is read", async () => {
    const headers = { "content-encoding": "Identity" };
    expect((await ask(LOGIN, { body: {}, headers })).status).toBe(422);
  });

  it.each([
    ["is too large", "/api/auth/login", {}],
    ["is encoded", "/api/auth/login", { "content-encoding": "gzip" }],
    ["comes to where no method takes it", "/health/live", {}],
  ])("that %s is read to its end before it is refused", async (_, path, headers) => {
    let left = 40;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        left -= 1;
        if (left === 0) controller.close();
        else controller.enqueue(new Uint8Array(16 * 1024));
      },
    });
    const { status } = await ask(path, { method: "POST", body, headers });

    expect([405, 413, 415]).toContain(status);
    expect(left).toBe(0);
  });

  it.each([
    ["a lone continuation byte", [0x80]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["half a surrogate pair", [0xed, 0xa0, 0x80]],
    ["half a character", [0xe2, 0x82]],
    ["another encoding", [0xff, 0xfe]],
  ])("that holds %s is malformed", async (_, bytes) => {
    const json = ['{"email":"', '","password":"x"}'].map((text) => new TextEncoder().encode(text));
    const body = streamOf([json[0] ?? [], bytes, json[1] ?? []]);
    const headers = { "content-type": "application/json" };
    const problem = await problemOf(await ask(LOGIN, { method: "POST", body, headers }));

    expect(problem).toMatchObject({ status: 400, code: "malformed_body" });
    expect(problem.detail).toContain("UTF-8");
  });

  it("that never comes to its end is given up after ten seconds, and its sender let go", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const left = Promise.withResolvers<void>();
    const first = Promise.withResolvers<void>();
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulls += 1;
        if (pulls === 1) return controller.enqueue(new TextEncoder().encode("{"));
        first.resolve();
        return new Promise(() => undefined);
      },
      cancel: () => left.resolve(),
    });
    const asked = ask(LOGIN, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    await first.promise;
    await vi.advanceTimersByTimeAsync(10_000);

    expect(await problemOf(await asked)).toMatchObject({ status: 408, code: "body_timeout" });
    await left.promise;
  });

  it("of many keys, or of the same key many times, is no failure of ours", async () => {
    const { access_token: token } = await somebody();
    const keys = Object.fromEntries(Array.from({ length: 12_000 }, (_, index) => [`k${index}`, 1]));
    const twice = '{"title":"a","title":"b","metadata":{"__proto__":"x","constructor":"y"}}';
    const many = await problemOf(await ask("/api/threads", { token, body: keys }));
    const made = await ask("/api/threads", { token, body: twice });

    expect(many).toMatchObject({ status: 422, code: "invalid_fields" });
    expect(many.errors?.length).toBeLessThan(100);
    expect(made.status).toBeLessThan(500);
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
  });

  it.each(["[", '{"a":'])(
    "that nests 100,000 levels of %s is no failure of ours",
    async (level) => {
      const { access_token: token } = await somebody();
      const depth = Math.floor(120_000 / level.length);
      const body = `{"metadata":${level.repeat(depth)}`;
      expect((await ask("/api/threads", { token, body })).status).toBe(400);
    },
  );
});

describe("headers", () => {
  it.each([
    [
      "more than 100 of them",
      Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`x-${n}`, "1"])),
    ],
    ["one that is too long", { "x-long": "a".repeat(32 * 1024) }],
    [
      "too much in sum",
      Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`x-${n}`, "a".repeat(4_000)])),
    ],
  ])("are refused where there are %s", async (_, headers) => {
    const problem = await problemOf(await ask("/health/live", { headers }));

    expect(problem).toMatchObject({ status: 431, code: "headers_too_large" });
  });

  it("are taken up to the bound", async () => {
    const headers = { "x-long": "a".repeat(31 * 1024) };
    expect((await ask("/health/live", { headers })).status).toBe(200);
  });
});

describe("an address", () => {
  it.each([
    "/api//threads",
    "//evil.test/api/threads",
    "/api/threads/..%2f..%2fhealth",
    "/api/threads/%252e%252e%252fhealth",
    "/api/threads/",
    "/api/threads/%00",
    "/api/threads/%E0%A4%A",
    "/api/threads/%c0%ae%c0%ae/messages",
    "/api\\threads\\x\\..",
  ])("that plays tricks is a 404 problem: %s", async (path) => {
    const { access_token: token } = await somebody();
    const problem = await problemOf(await ask(`https://apex.test${path}`, { token }));

    expect(problem).toMatchObject({ status: 404, code: "not_found" });
  });
});

const SECURITY = {
  "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

describe("every answer carries its security headers, and its request's id:", () => {
  it.each<[string, string, Asked]>([
    ["a good one", "/health/live", {}],
    ["a 401", "/api/threads", {}],
    ["a 404", "/api/nothing", {}],
    ["a 405", LOGIN, {}],
    ["a 413", LOGIN, { body: "x".repeat(200_000) }],
    ["a 415", LOGIN, { body: {}, headers: { "content-encoding": "gzip" } }],
    ["a 431", "/health", { headers: { "x-long": "a".repeat(40_000) } }],
    ["a 503", "/health", { bindings: { JWT_SECRET: "short" } }],
    ["a refused upgrade", "/ws", { headers: { upgrade: "websocket" } }],
    ["a foreign upgrade", "/ws", { headers: { upgrade: "websocket", origin: "null" } }],
  ])("%s", async (_, path, asked) => {
    const { headers } = await ask(path, {
      ...asked,
      headers: { ...asked.headers, "x-request-id": "mine-1" },
    });

    expect(Object.fromEntries(headers)).toMatchObject({ ...SECURITY, "x-request-id": "mine-1" });
  });

  it("one that opens a socket carries the id", async () => {
    const { access_token: token } = await somebody();
    const headers = {
      upgrade: "websocket",
      "sec-websocket-protocol": `apex-edge, jwt-auth.${token}`,
    };
    const answer = await ask("/ws", { headers: { ...headers, "x-request-id": "mine-1" } });

    expect(answer.status).toBe(101);
    expect(answer.headers.get("x-request-id")).toBe("mine-1");
    expect(answer.headers.get("sec-websocket-protocol")).toBe("apex-edge");
    answer.webSocket?.accept();
    answer.webSocket?.close();
  });

  it.each(["x".repeat(65), "a b", "a:b", "a\tb"])(
    "not the id %.20j, which is long or odd",
    async (id) => {
      const { headers } = await ask("/health/live", { headers: { "x-request-id": id } });

      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

describe("a page of another origin", () => {
  const preflight = (origin: string, path = "/api/threads") =>
    ask(path, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
      bindings,
    });

  it("that is on the list is let through by a preflight, with credentials", async () => {
    const { status, headers } = await preflight(APP);

    expect(status).toBe(204);
    expect(headers.get("access-control-allow-origin")).toBe(APP);
    expect(headers.get("access-control-allow-credentials")).toBe("true");
    expect(headers.get("access-control-allow-methods")).toMatch(/POST.*PATCH.*DELETE/);
    expect(headers.get("access-control-allow-headers")).toMatch(/Authorization.*Content-Type/);
  });

  it("that is on the list may read answers, failures too, and what their headers say", async () => {
    const { status, headers } = await ask("/api/threads", { headers: { origin: APP }, bindings });

    expect(status).toBe(401);
    expect(headers.get("access-control-allow-origin")).toBe(APP);
    expect(headers.get("vary")).toContain("Origin");
    for (const name of ["RateLimit", "Retry-After", "X-Request-Id", "Location"]) {
      expect(headers.get("access-control-expose-headers")).toContain(name);
    }
  });

  it.each([
    "https://evil.test",
    "null",
    "https://app.example.com.evil.test",
    "https://evilapp.example.com",
    "https://app.example.com:444",
    "http://app.example.com",
    "HTTPS://APP.EXAMPLE.COM",
  ])("that is not on the list is told nothing: %s", async (origin) => {
    const answers = [
      await preflight(origin),
      await ask("/api/threads", { headers: { origin }, bindings }),
    ];
    for (const { status, headers } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
      expect(headers.get("vary")).toContain("Origin");
    }
  });

  it("opens a socket where it is on the list, and none where it is not", async () => {
    const { access_token: token } = await somebody();
    const open = (origin: string) =>
      ask("/ws", { token, headers: { upgrade: "websocket", origin }, bindings });
    const opened = await open("http://localhost:5173");

    expect(opened.status).toBe(101);
    opened.webSocket?.accept();
    opened.webSocket?.close();
    expect(await problemOf(await open("http://localhost:51730"))).toMatchObject({
      code: "forbidden",
    });
  });
});

function streamOf(pieces: readonly Iterable<number>[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(Uint8Array.from(piece));
      controller.close();
    },
  });
}

it("a body that is there and holds nothing is none: a thread is made of what is left out", async () => {
  const { access_token } = await somebody();
  const body = new ReadableStream({ start: (controller) => controller.close() });
  const asked = { body, headers: { "content-type": "" }, token: access_token };

  expect((await ask("/api/threads", asked)).status).toBe(201);
});
