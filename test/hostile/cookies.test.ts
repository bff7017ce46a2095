/** The cookies that a sign-in gave, on every operation that changes something: without their CSRF token they do nothing. */
import { beforeAll, describe, expect, it } from "vitest";
import { ask } from "../worker/http/ask.ts";
import { minimalBody, type Operation, pathOf, readDocument } from "./operations.ts";
import { allKept, changedIn, type InsideWorld, makeWorld } from "./world.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const { operations } = await readDocument(ask);
const CHANGING = operations
  .filter(({ method }) => !SAFE.has(method))
  .filter((operation) => operation["x-permission"] !== "anybody")
  .map((operation): [string, Operation] => [operation.name, operation]);

let world: InsideWorld;
let cookie: string;

beforeAll(async () => {
  world = await makeWorld();
  const { email } = world.victim.credentials.user;
  const signIn = await ask("/api/auth/dev-login", { body: { email } });
  cookie = signIn.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
});

describe.each([
  ["without a CSRF token", {}],
  ["with a made-up CSRF token", { "x-csrf-token": "made-up" }],
  ["with an empty CSRF token", { "x-csrf-token": "" }],
  ["from another page", { origin: "https://evil.test", "sec-fetch-site": "cross-site" }],
])("a cookie %s does nothing, at", (_, headers) => {
  it.each(CHANGING)("%s", async (_name, operation) => {
    const { thread, runId } = world.victim;
    const id = operation.path.startsWith("/api/runs") ? runId : thread.threadId;
    const before = await allKept();
    const response = await ask(
      pathOf(operation, () => id),
      { method: operation.method, body: minimalBody(operation), headers: { cookie, ...headers } },
    );

    expect([401, 403]).toContain(response.status);
    expect(changedIn(before, await allKept())).toEqual([]);
  });
});
