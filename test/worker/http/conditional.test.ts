/** Conditional reads, and versions by date: what has not changed is not sent again, what is not known is refused. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Credentials } from "../../../src/protocol/api.ts";
import { fieldsOf } from "../thread/client.ts";
import { ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";

let ada: Credentials;
beforeAll(async () => {
  ada = await somebody();
});

const read = (path: string, headers = {}) => ask(path, { token: ada.access_token, headers });

describe("a version", () => {
  it("that nobody knows is refused, with those there are", async () => {
    const problem = await problemOf(await read("/api/threads", { "apex-version": "2020-01-01" }));

    expect(problem).toMatchObject({ status: 422, code: "invalid_fields" });
    expect(problem.detail).toContain("2026-11-21");
    expect(fieldsOf(problem)).toEqual(["Apex-Version"]);
  });

  it("is told with every answer, also with a refusal", async () => {
    const known = await read("/api/threads", { "apex-version": "2026-11-21" });
    for (const response of [known, await ask("/api/threads"), await read("/api/nothing")]) {
      expect(response.headers.get("apex-version")).toBe("2026-11-21");
    }
    expect(known.status).toBe(200);
  });
});

describe("a read with the tag of the one before", () => {
  it.each(["/api/threads", "/api/auth/me", "/api/agents"])("of %s is empty", async (path) => {
    const first = await read(path);
    const tag = first.headers.get("etag") ?? "";
    const again = await read(path, { "if-none-match": `"other", ${tag}` });

    expect(tag).toMatch(/^"\w+"$/);
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect(again.headers.get("etag")).toBe(tag);
    expect(again.headers.has("x-request-id")).toBe(true);
    expect(again.headers.has("x-ratelimit-remaining")).toBe(true);
    expect(again.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  it("is whole where something changed", async () => {
    const tag = (await read("/api/threads")).headers.get("etag") ?? "";
    await ask("/api/threads", { token: ada.access_token, body: {} });

    expect((await read("/api/threads", { "if-none-match": tag })).status).toBe(200);
  });

  it("has no effect on failures and streams, which have no tag", async () => {
    const missing = await read("/api/threads/nothing", { "if-none-match": "*" });
    const stream = await read("/api/events/stream?for=1", { "if-none-match": "*" });

    expect([missing.status, stream.status]).toEqual([404, 200]);
    expect([missing, stream].map(({ headers }) => headers.has("etag"))).toEqual([false, false]);
    await stream.text();
  });
});
