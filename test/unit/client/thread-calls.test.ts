/** The client's calls about threads as a whole: what goes out, in whose name, and what is believed of the answer. */
import { expect, test } from "vitest";
import { ApexClient } from "../../../src/client/index.ts";
import { THREAD } from "./frames.ts";

const AT = "2026-11-21T08:00:00.000Z";
const SHARE = { created_at: AT, renewed_at: AT };

interface Sent {
  readonly route: string;
  readonly authorized: boolean;
  readonly keepalive: boolean;
}

/** A client whose server answers everything with the same, and what it was asked. */
function clientOf(status: number, body: unknown) {
  const sent: Sent[] = [];
  const client = new ApexClient({
    baseUrl: "http://apex.test",
    apiKey: "key",
    async fetch(url, init) {
      const route = `${init.method} ${url.slice("http://apex.test".length)}`;
      const authorized = new Headers(init.headers).has("authorization");
      sent.push({ route, authorized, keepalive: "keepalive" in init && init.keepalive === true });
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return new Response(status === 204 ? null : text, { status });
    },
  });
  return { client, sent };
}

const routes = (sent: readonly Sent[]) => sent.map(({ route }) => route);

test("a thread is shared, told of, renewed and taken back at its own address", async () => {
  const path = "/api/threads/thread-1/share";
  const made = clientOf(201, { ...SHARE, token: "abc", path: "/s/abc" });
  expect((await made.client.threads.share(THREAD)).token).toBe("abc");
  const renewed = clientOf(200, SHARE);
  expect(await renewed.client.threads.renewShare(THREAD)).toEqual(SHARE);
  const told = clientOf(200, { share: null });
  expect(await told.client.threads.shareOf(THREAD)).toEqual({ share: null });
  const taken = clientOf(204, null);
  await taken.client.threads.unshare(THREAD);
  const sent = [made, renewed, told, taken].flatMap((one) => routes(one.sent));
  expect(sent).toEqual([`POST ${path}`, `PUT ${path}`, `GET ${path}`, `DELETE ${path}`]);
});

test("a shared thread is read without anybody's name, and not believed in another form", async () => {
  const data = [{ seq: 1, role: "user", content: "Why?", status: "complete", created_at: AT }];
  const page = { title: null, shared_at: AT, data, has_more: false, next_cursor: null };
  const { client, sent } = clientOf(200, page);
  expect(await client.shared("a/b", { cursor: "next" })).toEqual(page);
  expect(sent).toEqual([
    { route: "GET /api/shared/a%2Fb?cursor=next", authorized: false, keepalive: false },
  ]);
  const strange = clientOf(200, { ...page, data: [{ ...data[0], role: "system" }] });
  await expect(strange.client.shared("abc")).rejects.toMatchObject({ code: "internal" });
});

test("a search, an export and a deletion that outlives its page go out as they are asked for", async () => {
  const found = clientOf(200, { data: [], threads: [], has_more: false, next_cursor: null });
  expect((await found.client.threads.search({ q: "two words" })).data).toEqual([]);
  expect(routes(found.sent)).toEqual(["GET /api/search?q=two+words"]);
  const file = clientOf(200, "# Costs");
  expect(await file.client.threads.export(THREAD, "markdown")).toBe("# Costs");
  expect(routes(file.sent)).toEqual(["GET /api/threads/thread-1/export?format=markdown"]);
  const gone = clientOf(204, null);
  await gone.client.threads.delete(THREAD, { keepalive: true });
  await gone.client.threads.delete(THREAD);
  expect(gone.sent.map(({ keepalive }) => keepalive)).toEqual([true, false]);
});
