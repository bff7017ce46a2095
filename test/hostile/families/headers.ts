/** Headers that claim to be somebody, something else, or somewhere else. */
import { anonymous, type Back, type Row, type Sends, signedIn } from "../row.ts";

const ME = "/api/auth/me";
const NOBODY: Back = { status: 401 };

const identities: readonly Row[] = [
  ["X-User-Id", "{them}"],
  ["X-User", "admin"],
  ["X-Remote-User", "admin"],
  ["Remote-User", "admin"],
  ["X-Forwarded-User", "admin"],
  ["X-Forwarded-Email", "admin@example.com"],
  ["X-Authenticated-Userid", "admin"],
  ["X-Apex-User", "{them}"],
  ["X-Apex-Upgrade", '{"expiresAt":9999999999,"ticketId":null,"subprotocol":null,"position":null}'],
  ["X-Auth-Token", "admin"],
  ["X-Api-Key", "apx_key_x"],
  ["Api-Key", "apx_key_x"],
  ["Proxy-Authorization", "Basic YWRtaW46YWRtaW4="],
  ["CF-Access-Authenticated-User-Email", "admin@example.com"],
  ["Cf-Access-Jwt-Assertion", "eyJhbGciOiJub25lIn0.e30."],
  ["X-Amzn-Oidc-Identity", "admin"],
  ["X-Ms-Client-Principal-Id", "admin"],
  ["X-Goog-Authenticated-User-Email", "accounts.google.com:admin@example.com"],
  ["X-Original-User", "admin"],
  ["X-Client-Cert", "CN=admin"],
  ["X-Role", "operator"],
  ["X-Internal", "true"],
  ["CF-Worker", "apex.test"],
].flatMap(([name = "", value = ""]) => {
  const headers = (them: string) => ({ [name]: value.replace("{them}", them) });
  return [
    {
      name: `Nobody is signed in by ${name}`,
      sends: anonymous(ME, ({ victim }) => ({ headers: headers(victim.credentials.user.id) })),
      back: NOBODY,
    },
    {
      name: `Nobody becomes somebody else by ${name}`,
      sends: signedIn("/api/threads/{theirs}", ({ victim }) => ({
        headers: headers(victim.credentials.user.id),
      })),
      back: { status: 404 },
    },
  ];
});

const addresses: readonly Row[] = [
  ["CF-Connecting-IP", "127.0.0.1"],
  ["CF-Connecting-IP", "' OR 1=1 --"],
  ["CF-Connecting-IP", "x".repeat(2_000)],
  ["X-Forwarded-For", "127.0.0.1"],
  ["X-Real-IP", "127.0.0.1"],
  ["True-Client-IP", "127.0.0.1"],
  ["Forwarded", "for=127.0.0.1;host=localhost"],
  ["X-Forwarded-Host", "evil.test"],
  ["X-Forwarded-Proto", "http"],
  ["X-Forwarded-Prefix", "/admin"],
  ["X-Host", "evil.test"],
].flatMap(([name = "", value = ""]) => [
  {
    name: `Nobody is let in for an address of ${name}: ${value.slice(0, 20)}`,
    sends: anonymous(ME, { headers: { [name]: value } }),
    back: NOBODY,
  },
  {
    name: `Nobody is anybody else for an address of ${name}: ${value.slice(0, 20)}`,
    sends: signedIn("/api/threads/{theirs}", { headers: { [name]: value } }),
    back: { status: 404 },
  },
]);

const rewrites: readonly Row[] = [
  ["X-HTTP-Method-Override", "DELETE"],
  ["X-HTTP-Method", "DELETE"],
  ["X-Method-Override", "DELETE"],
  ["X-Original-URL", "/api/operator"],
  ["X-Rewrite-URL", "/api/operator"],
  ["X-Original-Method", "DELETE"],
  ["Content-Location", "/api/operator"],
  ["Destination", "/api/threads/x"],
  ["Range", "bytes=0-0"],
  ["Expect", "100-continue"],
  ["TE", "trailers"],
  ["Trailer", "Authorization"],
  ["Connection", "close, Authorization"],
  ["Keep-Alive", "timeout=99999"],
  ["Upgrade-Insecure-Requests", "1"],
  ["If-None-Match", '"x"'],
  ["If-Match", '"x"'],
  ["Accept", "text/html"],
  ["Accept", "../../etc/passwd"],
  ["Accept-Encoding", "identity;q=0, *;q=0"],
  ["Accept-Language", "x".repeat(1_000)],
  ["Prefer", "return=minimal"],
  ["Content-Length", "0"],
].map(([name = "", value = ""]) => ({
  name: `A read stays a whole read of the same thing with ${name}: ${value.slice(0, 20)}`,
  sends: signedIn("/api/threads/{mine}", { headers: { [name]: value } }),
  back: { status: 200, says: '"forked_from":null' },
}));

const PROTECTED = "nosniff DENY default-src 'none'; form-action 'self'; frame-ancestors 'none'";

/** Sends an upgrade. @returns as the answer's text the headers that keep it from being a page. */
function protectedAnswer(path: string): Sends {
  return async (world) => {
    const reply = await signedIn(path, { headers: { upgrade: "websocket" } })(world);
    const names = ["x-content-type-options", "x-frame-options", "content-security-policy"];
    return { ...reply, text: names.map((name) => reply.headers?.get(name)).join(" ") };
  };
}

const overrides: readonly Row[] = [
  ...["_method=DELETE", "method=DELETE", "x-http-method-override=DELETE"].map((query) => ({
    name: `A read stays a read with the query ${query}`,
    sends: signedIn(`/api/threads/{mine}?${query}`),
    back: { status: 200 },
  })),
  ...["PUT", "OPTIONS", "PROPFIND", "PURGE", "get"].map((method) => ({
    name: `There is no method ${method} of a thread`,
    sends: signedIn("/api/threads/{mine}", { method }),
    back: { status: method === "get" ? 200 : [405, 204, 404] },
  })),
  {
    name: "A page of another host is told nothing of what it may read (CORS)",
    sends: async (world) => {
      const reply = await signedIn("/api/threads", { headers: { origin: "https://evil.test" } })(
        world,
      );
      const allowed = reply.headers?.get("access-control-allow-origin") ?? "nobody";
      return { ...reply, text: JSON.stringify({ allowed }) };
    },
    back: { status: [200, 403], says: '"nobody"' },
  },
  {
    name: "A page of no origin is told nothing of what it may read (CORS)",
    sends: async (world) => {
      const reply = await signedIn("/api/threads", { headers: { origin: "null" } })(world);
      const allowed = reply.headers?.get("access-control-allow-origin") ?? "nobody";
      return { ...reply, text: JSON.stringify({ allowed }) };
    },
    back: { status: [200, 403], says: '"nobody"' },
  },
  {
    name: "A preflight of another host allows nothing",
    sends: async (world) => {
      const reply = await anonymous("/api/threads", {
        method: "OPTIONS",
        headers: {
          origin: "https://evil.test",
          "access-control-request-method": "DELETE",
          "access-control-request-headers": "authorization",
        },
      })(world);
      const allowed = reply.headers?.get("access-control-allow-origin") ?? "nobody";
      return { ...reply, text: JSON.stringify({ allowed }) };
    },
    back: { status: [204, 403, 404, 405], says: '"nobody"' },
  },
  {
    name: "A request id with a line of a log in it is not taken over",
    sends: async (world) => {
      const id = 'x" level="error" forged="';
      const reply = await anonymous(ME, { headers: { "x-request-id": id } })(world);
      const kept = reply.headers?.get("x-request-id") === id || reply.text.includes("forged");
      return { ...reply, text: JSON.stringify({ kept }) };
    },
    back: { status: 401, says: '"kept":false' },
  },
  {
    name: "An upgrade of a request that opens no socket changes nothing, not even the headers of its answer",
    sends: protectedAnswer("/api/threads/{mine}"),
    back: { status: 200, says: PROTECTED },
  },
  {
    name: "A refused socket's answer is protected as every other is",
    sends: protectedAnswer("/api/threads/x/socket"),
    back: { status: 404, says: PROTECTED },
  },
  {
    name: "A host of another name makes no address of another name",
    sends: signedIn("/api/threads", {
      method: "POST",
      headers: { host: "evil.test", "x-forwarded-host": "evil.test" },
    }),
    back: { status: 201 },
    mayChange: ["threads", "Thread objects"],
  },
];

export const headers: readonly Row[] = [...identities, ...addresses, ...rewrites, ...overrides];
