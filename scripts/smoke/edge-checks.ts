/** Checks without an account: the state of the parts, the page, the documents, and that strangers are refused. */
import assert from "node:assert/strict";
import * as z from "zod";
import { Health } from "../../src/protocol/api.ts";
import { JsonWebKeySet } from "../../src/protocol/json-web-keys.ts";
import type { Check } from "./check.ts";

/** An unsigned token (`alg: none`). It must be refused (RFC 8725, section 3.2). */
const FORGED = [
  { alg: "none", typ: "at+jwt" },
  { sub: "admin", exp: 4_102_444_800 },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".");

const Document = z.object({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) });
const Card = z.object({ name: z.string(), url: z.string().optional() });

export const EDGE_CHECKS: readonly Check[] = [
  {
    name: "Every part is healthy",
    async run(live) {
      const { parts } = await live.read(Health, "/health");
      const ill = Object.entries(parts).filter(([, state]) => state !== "healthy");
      assert.deepEqual(ill, []);
      assert.equal((await live.ask("/health/ready")).status, 200);
    },
  },
  {
    name: "The page is served, and no script but its own can run in it",
    async run(live) {
      const page = await live.ask("/", { headers: { accept: "text/html" } });
      assert.equal(page.status, 200);
      const policy = page.headers.get("content-security-policy") ?? "";
      assert.match(policy, /script-src 'self'/);
      assert.doesNotMatch(policy, /unsafe-(inline|eval)/);
      const [, script] = /<script[^>]+src="([^"]+)"/.exec(await page.text()) ?? [];
      assert.ok(script, "the page names no script: was it built?");
      assert.equal((await live.ask(script)).status, 200);
    },
  },
  {
    name: "Answers carry the headers that protect browsers, and a request's id",
    async run(live) {
      const { headers } = await live.ask("/health/live");
      assert.ok(headers.has("strict-transport-security"));
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("x-frame-options"), "DENY");
      assert.ok(headers.get("x-request-id"));
    },
  },
  {
    name: "The API, the agents and the signing keys can be found out",
    async run(live) {
      const { openapi, paths } = await live.read(Document, "/openapi.json");
      assert.match(openapi, /^3\.1/);
      assert.ok("/api/threads" in paths);
      await live.read(Card, "/.well-known/agent-card.json");
      const { keys } = await live.read(JsonWebKeySet, "/.well-known/jwks.json");
      assert.ok(
        keys.every((key) => !("d" in key)),
        "a private key is public",
      );
    },
  },
  {
    name: "What is not there is a problem that programs can read",
    async run(live) {
      const { code } = await live.refusal(404, "/api/there-is-no-such-thing");
      assert.equal(code, "not_found");
      const { errors } = await live.refusal(422, "/api/auth/login", { body: { email: "nobody" } });
      assert.ok(JSON.stringify(errors).includes("password"));
    },
  },
  {
    name: "Nobody is let in without a token, or by one that nobody signed",
    async run(live) {
      await live.refusal(401, "/api/threads");
      await live.refusal(401, "/api/threads", { token: `${FORGED}.` });
      await live.refusal(401, "/api/threads", { headers: { "x-user-id": "admin" } });
    },
  },
  {
    name: "A socket without a token is refused before it is one",
    async run(live) {
      assert.equal(await live.upgrade("/ws"), 401);
      assert.equal(await live.upgrade("/ws", { origin: "https://evil.example" }), 403);
    },
  },
];
