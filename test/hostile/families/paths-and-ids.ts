/** Addresses, ids and queries that try to be something else: a path, a statement, a pattern, another's. */
import { newId } from "../../../src/core/clock.ts";
import { type Back, type Row, signedIn } from "../row.ts";

const MISSING: Back = { status: 404, code: "not_found" };

const paths: readonly Row[] = [
  "/api/threads/..%2f..%2fhealth",
  "/api/threads/%2e%2e%2f%2e%2e%2fhealth",
  "/api/threads/%252e%252e%252fhealth",
  "/api/threads/..%5c..%5chealth",
  "/api/threads/%c0%ae%c0%ae%c0%afhealth",
  "/api/threads/..;/auth/me",
  "/api/auth/me;jsessionid=1",
  "/api/auth/me/",
  "/api/auth//me",
  "//api/auth/me",
  "/api/auth/me%00",
  "/api/auth/me%00.json",
  "/api/auth/me%20",
  "/api/auth/me%0d%0aSet-Cookie:x=1",
  "/API/AUTH/ME",
  "/api/auth/ME",
  "/api/auth/me.json",
  "/api/auth%2fme",
  "/api/auth/%u006d%u0065",
  "/api/auth/me%",
  "/api/auth/me%zz",
  "/api/auth/__proto__",
  "/api/constructor",
  "/socket",
  "/api/socket",
  "/__scheduled",
  "/cdn-cgi/handler/scheduled",
  "/cdn-cgi/mf/reload",
  "/.env",
  "/.git/config",
  "/.dev.vars",
  "/wrangler.toml",
  "/api/operator",
  `/api/${"x".repeat(10_000)}`,
].map((path) => ({
  name: `There is nothing at ${path.slice(0, 60)}`,
  sends: signedIn(path),
  back: { status: [404, 400, 414, 431] },
}));

const ids: readonly Row[] = [
  "' OR '1'='1",
  "'; DROP TABLE threads; --",
  "1 UNION SELECT * FROM users",
  "%",
  "_",
  "*",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "undefined",
  "true",
  "-1",
  "0",
  "[]",
  '{"$ne":null}',
  "\u0000",
  "\r\nSet-Cookie: x=1",
  "\u202e",
  "\u200b",
  "../../etc/passwd",
  "<script>alert(1)</script>",
  "$" + "{7*7}",
  "{{7*7}}",
  "x".repeat(64),
  "x".repeat(65),
  "x".repeat(5_000),
].flatMap((id) =>
  ["/api/threads/", "/api/runs/"].map((path) => ({
    name: `There is nothing of the id ${JSON.stringify(id.slice(0, 40))} (${id.length}) below ${path}`,
    sends: signedIn(`${path}${encodeURIComponent(id)}`),
    back: { status: [404, 431] },
  })),
);

const others: readonly Row[] = [
  "/api/threads/{theirs}",
  "/api/threads/{theirs}%00",
  "/api/threads/{theirs}%20",
  "/api/threads/{mine}%2f..%2f{theirs}",
  "/api/threads/{them}%2f{theirs}",
  "/api/threads/{mine},{theirs}",
  "/api/threads/{theirs}?user_id={them}",
  "/api/threads/{theirs}/messages",
  "/api/threads/{theirs}/messages?user_id={them}",
  "/api/threads/{theirs}/events",
  "/api/runs/{their_run}",
  "/api/runs/{theirs}.1",
  "/api/runs/{mine}.999999",
  "/api/runs/{mine}.0",
  "/api/runs/{mine}.-1",
  "/api/runs/{mine}.1e0",
  "/api/runs/{mine}.01",
  "/api/runs/{mine}.9007199254740993",
  "/api/runs/{them}/{theirs}.1",
  "/api/runs/{them}%2f{theirs}.1",
  "/api/operator/threads/{them}/{theirs}/dead-letters",
].map((path) => ({
  name: `Another's is missing at ${path}`,
  sends: signedIn(path),
  back: MISSING,
}));

const deeds: readonly Row[] = [
  ["DELETE", "/api/threads/{theirs}", undefined],
  ["PATCH", "/api/threads/{theirs}", { title: "Mine now" }],
  ["POST", "/api/threads/{theirs}/messages", { content: "Hello?" }],
  ["POST", "/api/threads/{theirs}/fork", { message_id: "x" }],
  ["POST", "/api/threads/{theirs}/ticket", undefined],
  ["POST", "/api/runs/{their_run}/cancel", undefined],
  ["POST", "/api/operator/threads/{them}/{theirs}/dead-letters/replay", undefined],
].map(([method, path, body]) => ({
  name: `Another's is missing to ${String(method)} ${String(path)}`,
  sends: signedIn(String(path), { method: String(method), body }),
  back: MISSING,
}));

const elsewhere: readonly Row[] = [
  {
    name: "A fork of one's own thread, from a message of another's, finds no such message",
    sends: signedIn("/api/threads/{mine}/fork", ({ victim }) => ({
      body: { message_id: victim.messageId },
    })),
    back: { status: [404, 422] },
  },
  {
    name: "A message in one's own thread takes the place of none of another's",
    sends: signedIn("/api/threads/{mine}/messages", ({ victim }) => ({
      body: { content: "Hello", replaces: victim.messageId },
    })),
    back: { status: [404, 422] },
  },
];

const queries: readonly Row[] = [
  ...["-1", "0", "101", "1e3", "1.5", "NaN", "Infinity", "x", "[]", "1;DROP"].map((limit) => ({
    name: `A page of ${limit} is refused by the field's name`,
    sends: signedIn(`/api/threads?limit=${encodeURIComponent(limit)}`),
    back: { status: 422, code: "invalid_fields", field: "limit" },
  })),
  {
    name: "Two limits are none",
    sends: signedIn("/api/threads?limit=1&limit=2"),
    back: { status: 422, code: "invalid_fields", field: "limit" },
  },
  ...[
    "x",
    "%00",
    "-1",
    "' OR 1=1 --",
    "e30",
    "bnVsbA",
    Buffer.from('{"list":"threads","after":"\' OR 1=1 --"}').toString("base64url").concat("="),
    Buffer.from('{"list":"messages","after":1}').toString("base64url"),
    Buffer.from('{"list":"threads","after":{"$gt":""}}').toString("base64url"),
    Buffer.from('{"list":"threads","after":"x","user_id":"y"}').toString("base64url"),
  ].map((cursor) => ({
    name: `A list goes on after no cursor like ${cursor}`,
    sends: signedIn(`/api/threads?cursor=${encodeURIComponent(cursor)}`),
    back: { status: 422, code: "invalid_fields", field: "cursor" },
  })),
  {
    name: "A cursor made up after another's thread shows nothing of it",
    sends: (world) => {
      const after = { list: "threads", after: world.victim.thread.threadId };
      const cursor = Buffer.from(JSON.stringify(after)).toString("base64url");
      return signedIn(`/api/threads?cursor=${cursor}`)(world);
    },
    back: { status: [200, 422] },
  },
  ...["desc; DROP TABLE messages", "id", "__proto__", "DESC"].map((order) => ({
    name: `A list in the order "${order}" is refused`,
    sends: signedIn(`/api/threads/{mine}/messages?order=${encodeURIComponent(order)}`),
    back: { status: 422, code: "invalid_fields", field: "order" },
  })),
  ...["__proto__[limit]=1", "constructor.prototype.x=1", "user_id=x", "sort=id;--", "%00=1"].map(
    (query) => ({
      name: `A query of ${query} changes nothing`,
      sends: signedIn(`/api/threads?${query}`),
      back: { status: [200, 422] },
    }),
  ),
  ...["-1", "1.5", "9007199254740993", "1e400", "NaN", "one"].map((after) => ({
    name: `A stream that resumes after ${after} is refused by the field's name`,
    sends: signedIn(`/api/threads/{mine}/events?epoch=x&after=${after}`),
    back: { status: 422, code: "invalid_fields", field: "after" },
  })),
  ...["x", ".", "1", "x.-1", "x.1e3", "x.9007199254740993", "../x.1.", `${"x".repeat(99)}.1`].map(
    (id) => ({
      name: `A stream that resumes by the event id "${id.slice(0, 20)}" is refused`,
      sends: signedIn("/api/threads/{mine}/events", { headers: { "last-event-id": id } }),
      back: { status: 422, code: "invalid_fields", field: "Last-Event-ID" },
    }),
  ),
];

/** @returns so many ids that nobody has. */
export function madeUpIds(count: number): string[] {
  return Array.from({ length: count }, newId);
}

export const pathsAndIds: readonly Row[] = [
  ...paths,
  ...ids,
  ...others,
  ...deeds,
  ...elsewhere,
  ...queries,
];
