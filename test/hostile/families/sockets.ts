/** Sockets opened from elsewhere, twice, by a worn ticket, or one too many. */
import { env } from "cloudflare:workers";
import { z } from "zod";
import { Principal } from "../../../src/auth/principal.ts";
import { keyRing } from "../../../src/auth/signing-keys.ts";
import { issueTicket } from "../../../src/auth/tickets.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { readConfig } from "../../../src/env.ts";
import { MAX_SOCKETS } from "../../../src/protocol/limits.ts";
import { encode, forge } from "../../unit/auth/forge.ts";
import { ORIGIN } from "../../worker/http/ask.ts";
import { knock } from "../../worker/http/knock.ts";
import { beginThread } from "../../worker/thread/conversation.ts";
import { anonymous, type Back, counted, knocks, type Row, replyOf, type Sends } from "../row.ts";
import { type InsideWorld, ticketOf } from "../world.ts";

const SOCKET = "/api/threads/{mine}/socket";
const INVALID: Back = { status: 401, code: "token_invalid" };
const FORBIDDEN: Back = { status: 403, code: "forbidden" };
const NEW_THREAD = ["threads", "Thread objects"];
const AT_ONCE = 100;
/** What the app signs with. */
const SECRET = readConfig(env).jwtSecret ?? "";
const TicketClaims = z.looseObject({ principal: Principal });

function knockFrom(origin: string, path = SOCKET): Sends {
  return knocks(path, ({ attacker }) => ({
    token: attacker.credentials.access_token,
    headers: { origin },
  }));
}

const host = new URL(ORIGIN).host;

const origins: readonly Row<InsideWorld>[] = [
  "https://evil.test",
  "null",
  "",
  `https://${host}.evil.test`,
  `https://evil-${host}`,
  `https://evil.test/${host}`,
  `https://evil.test#${host}`,
  `https://${host}@evil.test`,
  `https://${host}%00.evil.test`,
  `https://${host}:8443`,
  `https://${host}.`,
  `https://sub.${host}`,
  `http://${host}`,
  `ws://${host}`,
  `${ORIGIN}, https://evil.test`,
  "https://xn--apx-xna.test",
  "file://",
  "data:text/html,x",
  "chrome-extension://abcdefghijklmnop",
  host,
].map((origin) => ({
  name: `A page of the origin "${origin}" may open no socket`,
  sends: knockFrom(origin),
  back: FORBIDDEN,
}));

const moreOrigins: readonly Row<InsideWorld>[] = [
  {
    name: "A page of another origin may open no socket at /ws, and makes no thread",
    sends: knockFrom("https://evil.test", "/ws"),
    back: FORBIDDEN,
  },
  {
    name: "A page of the same origin may open one: the others are refused for what they are",
    sends: knockFrom(ORIGIN),
    back: { status: 101 },
  },
];

/** Opens a socket to the attacker's thread by a ticket. */
const byTicket = (
  ticket: (world: InsideWorld) => Promise<string>,
  path = SOCKET,
): Sends<InsideWorld> => {
  return async (world) => knocks(`${path}?ticket=${await ticket(world)}`)(world);
};

function forgedTicket(change: (now: number) => object, key = SECRET): Sends<InsideWorld> {
  return byTicket(async ({ attacker }) => {
    const issued = (await ticketOf(attacker.thread)).split(".");
    const [header, claims] = issued.map((part) => Buffer.from(part, "base64url").toString());
    const news = change(Math.floor(Date.now() / 1000));
    return forge(header, { ...JSON.parse(claims ?? ""), ...news }, { key });
  });
}

const tickets: readonly Row<InsideWorld>[] = [
  {
    name: "A ticket opens one socket, and none when it comes again",
    sends: async (world) => {
      const ticket = await ticketOf(world.attacker.thread);
      await byTicket(async () => ticket)(world);
      return byTicket(async () => ticket)(world);
    },
    back: INVALID,
  },
  {
    name: "A ticket that comes a hundred times at once opens one socket",
    sends: async (world) => {
      const ticket = await ticketOf(world.attacker.thread);
      const knocking = Array.from({ length: AT_ONCE }, () => byTicket(async () => ticket)(world));
      return counted(await Promise.all(knocking));
    },
    back: { status: 200, says: `101×1 401×${AT_ONCE - 1}` },
  },
  {
    name: "A ticket is worth nothing after its time",
    sends: forgedTicket((now) => ({ iat: now - 60, exp: now - 30 })),
    back: { status: 401, code: "token_expired" },
  },
  {
    name: "A ticket that says it lives for a day is worth nothing once its half minute is over",
    sends: forgedTicket((now) => ({ iat: now - 60, exp: now + 86_400 })),
    back: { status: 401 },
  },
  {
    name: "A ticket signed by another key opens nothing",
    sends: forgedTicket(() => ({}), "a-key-that-the-attacker-made-up-just-now"),
    back: INVALID,
  },
  {
    name: "A ticket without an id, which could be used for ever, opens nothing",
    sends: forgedTicket(() => ({ jti: undefined })),
    back: INVALID,
  },
  {
    name: "A ticket for another thread of the same user opens nothing here",
    sends: async (world) => {
      const other = await beginThread(world.attacker.credentials);
      return byTicket(() => ticketOf(other))(world);
    },
    back: INVALID,
    mayChange: NEW_THREAD,
  },
  {
    name: "A ticket for one's own thread opens no thread of another",
    sends: byTicket(({ attacker }) => ticketOf(attacker.thread), "/api/threads/{theirs}/socket"),
    back: INVALID,
  },
  {
    name: "A ticket of one's own to a thread of another, as a stolen key would sign it, finds none",
    sends: byTicket(async ({ attacker, victim }) => {
      const authority = { keys: keyRing(readConfig(env)), clock: systemClock };
      const claims = (await ticketOf(attacker.thread)).split(".")[1] ?? "";
      const issued = JSON.parse(Buffer.from(claims, "base64url").toString());
      const { principal } = TicketClaims.parse(issued);
      return (await issueTicket(principal, victim.thread.threadId, authority)).ticket;
    }, "/ws"),
    back: { status: 404, code: "not_found" },
  },
  {
    name: "A ticket for a thread that was deleted finds none",
    sends: async (world) => {
      const thread = await beginThread(world.attacker.credentials);
      const ticket = await ticketOf(thread);
      await thread.ask("", { method: "DELETE" });
      return knocks(`/api/threads/${thread.threadId}/socket?ticket=${ticket}`)(world);
    },
    back: { status: 404, code: "not_found" },
    mayChange: NEW_THREAD,
  },
  {
    name: "A ticket reads nothing over HTTP",
    sends: async (world) => {
      const ticket = await ticketOf(world.attacker.thread);
      return anonymous(`/api/threads/{mine}?ticket=${ticket}`)(world);
    },
    back: { status: 401, code: "unauthenticated" },
  },
  {
    name: "An access token in the place of a ticket opens nothing",
    sends: byTicket(async ({ attacker }) => attacker.credentials.access_token),
    back: { status: 401 },
  },
  ...["", "x", "../../x", "%00", "null", "[]"].map((ticket) => ({
    name: `A ticket that is "${ticket}" opens nothing`,
    sends: byTicket(async () => ticket),
    back: { status: 401 },
  })),
  {
    name: "A victim's token in a subprotocol, without its signature, opens nothing",
    sends: knocks("/api/threads/{theirs}/socket", ({ victim }) => {
      const [header, claims] = victim.credentials.access_token.split(".");
      return { headers: { "sec-websocket-protocol": `apex-edge, bearer.${header}.${claims}.` } };
    }),
    back: INVALID,
  },
  {
    name: "A subprotocol that holds an unsigned token, encoded once more, opens nothing",
    sends: knocks(SOCKET, () => ({
      headers: {
        "sec-websocket-protocol": `jwt-auth.${encode(`${encode({ alg: "none" })}.e30.`)}`,
      },
    })),
    back: INVALID,
  },
  {
    name: "A socket without any credential is refused, and makes no thread",
    sends: knocks("/ws"),
    back: { status: 401, code: "unauthenticated" },
  },
  {
    name: "A socket at a thread of another finds none",
    sends: knocks("/api/threads/{theirs}/socket", ({ attacker }) => ({
      token: attacker.credentials.access_token,
    })),
    back: { status: 404, code: "not_found" },
  },
  {
    name: "A socket at a thread of another, named at /ws, finds none, and makes no thread",
    sends: knocks("/ws?thread_id={theirs}", ({ attacker }) => ({
      token: attacker.credentials.access_token,
    })),
    back: { status: 404, code: "not_found" },
  },
  {
    name: "One socket more than a thread serves is refused, and the others go on",
    sends: async (world) => {
      const thread = await beginThread(world.attacker.credentials);
      const clients = await Promise.all(
        Array.from({ length: MAX_SOCKETS }, () => thread.connect()),
      );
      const path = `${thread.path}/socket`;
      const refused = await replyOf(await knock(path, { token: thread.owner.access_token }));
      for (const client of clients) {
        await client.answers();
        client.close();
      }
      return { ...refused, headers: null };
    },
    back: { status: 429, code: "rate_limited" },
    mayChange: NEW_THREAD,
  },
  {
    name: "An upgrade to something else than a WebSocket is told what to ask for",
    sends: knocks(SOCKET, ({ attacker }) => ({
      token: attacker.credentials.access_token,
      headers: { upgrade: "h2c" },
    })),
    back: { status: 426, code: "upgrade_required" },
  },
  ...["-1", "1.5", "9007199254740993", "1e400", "NaN", "one", "0x", "٣"].map((after) => ({
    name: `A socket that resumes after ${after} is refused by the field's name`,
    sends: knocks(`${SOCKET}?epoch=x&after=${after}`, ({ attacker }) => ({
      token: attacker.credentials.access_token,
    })),
    back: { status: 422, code: "invalid_fields", field: "after" },
  })),
];

export const sockets: readonly Row<InsideWorld>[] = [...origins, ...moreOrigins, ...tickets];
