/** Every operation of the served OpenAPI document, over real connections: with no body, the wrong one, a foreign id, or nobody. */
import { randomUUID } from "node:crypto";
import { describe, expect, inject, it } from "vitest";
import { FAILURES } from "../../src/protocol/failures.ts";
import { Problem } from "../../src/protocol/problem.ts";
import { PROTECTIONS } from "../hostile/answers.ts";
import { isSocket, type Operation, readDocument } from "../hostile/operations.ts";
import { Attacker, type Shape } from "./attacker.ts";

const URL = inject("demoUrl");
const { operations } = await readDocument((path) => fetch(`${URL}${path}`));
const JSON_TYPE = "application/json";

type Row = readonly [string, Shape];

const typed = { "content-type": JSON_TYPE };
const BODIES: readonly Row[] = [
  ["no body", {}],
  ["no body, of a type", { headers: typed }],
  ["a length of 0", { body: "", framing: "length" }],
  ["a length of 0, of a type", { body: "", framing: "length", headers: typed }],
  ["an empty chunked body", { body: "", framing: "chunked" }],
  ["an empty chunked body, of a type", { body: "", framing: "chunked", headers: typed }],
  ...["null", "[]", "{}", "{"].map(
    (body): Row => [`a body of ${JSON.stringify(body)}`, { body, headers: typed }],
  ),
  ["a chunked body of {}", { body: "{}", framing: "chunked", headers: typed }],
  [
    "a body that is invalid as UTF-8",
    { body: Uint8Array.of(0x22, 0xc0, 0xaf, 0xff, 0x22), headers: typed },
  ],
  ["a body of no type", { body: "{}" }],
  ...["text/plain", "", `${JSON_TYPE}; charset=utf-16`].map(
    (type): Row => [
      `a body of the type "${type}"`,
      { body: "{}", headers: { "content-type": type } },
    ],
  ),
];

const CREDENTIALS: readonly Row[] = [
  ["no credentials", {}],
  ["no credentials, but a body", { body: "{}", headers: typed }],
  ["a bearer of garbage", { headers: { authorization: "Bearer \u00ff.{}.%00" } }],
  ["an empty bearer", { headers: { authorization: "Bearer " } }],
  ["a token of three dots", { headers: { authorization: "Bearer ..." } }],
  ["an API key that is none", { headers: { authorization: `Bearer apx_key_${"A".repeat(43)}` } }],
  ["another scheme", { headers: { authorization: "Basic eDp4" } }],
  ["a session's cookie that is none", { headers: { cookie: "__Host-session=x; session=x" } }],
];

const IDS: readonly (readonly [string, string])[] = [
  ["an id of nobody's thread", randomUUID()],
  ["an id of nobody's run", `${randomUUID()}.1`],
  ["a way up", "..%2f..%2fhealth"],
  ["a NUL", "%00"],
  ["bytes that are no text", "%ff%fe"],
  ["half an escape", "%"],
  ["a line break", "%0d%0aSet-Cookie:x=1"],
  ["8,000 characters", "x".repeat(8_000)],
];

/** A socket's address asks for the upgrade first. */
const closed = operations.filter(
  (operation) => operation["x-permission"] !== "anybody" && !isSocket(operation),
);
const withIds = operations.filter(({ path }) => path.includes("{"));
const named = (some: readonly Operation[]) =>
  some.map((operation): [string, Operation] => [operation.name, operation]);

it("the served document tells of operations that take ids, and of ones that ask who is there", () => {
  expect(withIds.length).toBeGreaterThan(10);
  expect(closed.length).toBeGreaterThan(withIds.length / 2);
});

describe.concurrent("whatever its body is, a signed-in request is answered in order, at", () => {
  it.each(named(operations))("%s", async (_, operation) => {
    const attacker = new Attacker(URL);
    const isOfRun = operation.path.startsWith("/api/runs");
    const own = (threadId: string) => (isOfRun ? `${threadId}.1` : threadId);
    for (const [what, shape] of BODIES) {
      await expectInOrder(await attacker.signedIn(operation, own, shape), what);
    }
  });
});

describe.concurrent("nobody is let in, at", () => {
  it.each(named(closed))("%s", async (_, operation) => {
    const attacker = new Attacker(URL);
    for (const [what, shape] of CREDENTIALS) {
      const response = await attacker.asNobody(operation, randomUUID(), shape);
      await expectInOrder(response, what);
      expect(response.status, what).toBe(401);
    }
  });
});

describe.concurrent("whatever an id is, a request is answered in order, at", () => {
  it.each(named(withIds))("%s", async (_, operation) => {
    const attacker = new Attacker(URL);
    for (const [what, id] of IDS) {
      const response = await attacker.signedIn(operation, () => id, {});
      await expectInOrder(response, what);
      // 204: there is nothing to go on with, whoever asks.
      expect(response.status === 204 || response.status >= 400, what).toBe(true);
    }
  });
});

/** Holds an answer to what all answers have: no failure of ours, a name, protections, and a problem where it refuses. */
async function expectInOrder(response: Response, what: string): Promise<void> {
  const { status, headers } = response;
  const text = await response.text();
  expect(status === 503 || status < 500, `with ${what}: ${status} ${text}`).toBe(true);
  expect(headers.get("x-request-id"), what).toMatch(/^[0-9a-f-]{36}$/);
  expect(Object.fromEntries(headers), what).toMatchObject(PROTECTIONS);
  // MCP has its own word for what it refuses: an error of JSON-RPC.
  if (status < 400 || text.startsWith('{"jsonrpc":"2.0","error":')) return;
  expect(headers.get("content-type"), what).toBe("application/problem+json");
  const problem = Problem.parse(JSON.parse(text));
  expect([problem.status, FAILURES[problem.code].status], what).toEqual([status, status]);
}
