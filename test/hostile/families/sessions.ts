/** Refresh tokens and passwords: used again, all at once, made up, or asked of somebody else's account. */
import { newId } from "../../../src/core/clock.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import {
  anonymous,
  type Back,
  counted,
  ownTicket,
  parsed,
  type Row,
  type Sends,
  type World,
} from "../row.ts";

const REFRESH = "/api/auth/refresh";
const ENDED: Back = { status: 401, code: "session_ended" };
const INVALID: Back = { status: 401, code: "token_invalid" };
const SESSIONS = ["users", "sessions", "refresh_tokens", "Account objects"];
const AT_ONCE = 50;

function refresh(refresh_token: unknown): Sends {
  return anonymous(REFRESH, { body: { refresh_token } });
}

/** Has somebody new sign in. @returns how to trade a token of theirs, on and on. */
async function aSession(world: World) {
  const body = { email: `${newId()}@example.com`, tier: "enterprise" };
  const signedUp = await anonymous("/api/auth/dev-login", { body })(world);
  const { refresh_token } = parsed(Credentials, signedUp);
  async function trade(token: string): Promise<string> {
    return Credentials.parse(JSON.parse((await refresh(token)(world)).text)).refresh_token;
  }
  return { first: refresh_token, trade };
}

const reuse: readonly Row[] = [
  {
    name: "A refresh token that was used is refused the second time",
    sends: async (world) => {
      const { first, trade } = await aSession(world);
      await trade(first);
      return refresh(first)(world);
    },
    back: ENDED,
    mayChange: SESSIONS,
  },
  {
    name: "After a reuse, the token that came of the first use is worth nothing either",
    sends: async (world) => {
      const { first, trade } = await aSession(world);
      const second = await trade(first);
      await refresh(first)(world);
      return refresh(second)(world);
    },
    back: ENDED,
    mayChange: SESSIONS,
  },
  {
    name: "A refresh token from long before, used again, ends the session as well",
    sends: async (world) => {
      const { first, trade } = await aSession(world);
      const last = await trade(await trade(await trade(first)));
      await refresh(first)(world);
      return refresh(last)(world);
    },
    back: ENDED,
    mayChange: SESSIONS,
  },
  {
    name: "Of fifty uses of one refresh token at once, one is answered",
    sends: async (world) => {
      const { first } = await aSession(world);
      return counted(
        await Promise.all(Array.from({ length: AT_ONCE }, () => refresh(first)(world))),
      );
    },
    back: { status: 200, says: `200×1 401×${AT_ONCE - 1}` },
    mayChange: SESSIONS,
  },
  {
    name: "After fifty uses at once, the one that was answered is worth nothing",
    sends: async (world) => {
      const { first } = await aSession(world);
      const all = await Promise.all(Array.from({ length: AT_ONCE }, () => refresh(first)(world)));
      const won = all.find(({ status }) => status === 200)?.text ?? "";
      return refresh(Credentials.parse(JSON.parse(won)).refresh_token)(world);
    },
    back: ENDED,
    mayChange: SESSIONS,
  },
  {
    name: "A refresh token of a session that was signed out is refused",
    sends: async (world) => {
      const { first } = await aSession(world);
      await anonymous("/api/auth/logout", { body: { refresh_token: first } })(world);
      return refresh(first)(world);
    },
    back: ENDED,
    mayChange: SESSIONS,
  },
];

const NAMED: Back = { status: 422, code: "invalid_fields", field: "refresh_token" };

const unbelieved: readonly (readonly [string, unknown, Back])[] = [
  ["made up", `apx_rt_${"A".repeat(43)}`, INVALID],
  ["of another alphabet", `apx_rt_${"é".repeat(43)}`, INVALID],
  ["SQL", "' OR '1'='1", INVALID],
  ["a LIKE wildcard", "%", INVALID],
  ["a NUL", "apx_rt_\u0000", INVALID],
  ["half a surrogate pair", "\ud800", INVALID],
  ["empty", "", NAMED],
  ["too long", "x".repeat(513), NAMED],
  ["null", null, NAMED],
  ["an array", ["x"], NAMED],
  ["an object", { $gt: "" }, NAMED],
];

const madeUp: readonly Row[] = unbelieved.map(([what, token, back]) => ({
  name: `A refresh token that is ${what} is refused`,
  sends: refresh(token),
  back,
}));

const others: readonly Row[] = [
  {
    name: "An access token refreshes nothing",
    sends: (world) => refresh(world.attacker.credentials.access_token)(world),
    back: { status: [401, 422] },
  },
  {
    name: "A ticket refreshes nothing",
    sends: async (world) => refresh(await ownTicket(world))(world),
    back: { status: [401, 422] },
  },
  {
    name: "A refresh token in the URL is not looked at",
    sends: (world) =>
      anonymous(`${REFRESH}?refresh_token=${world.victim.credentials.refresh_token}`, {
        body: {},
      })(world),
    back: { status: [401, 422] },
  },
  {
    name: "A log-out by a token that does not exist ends nothing, and tells nothing",
    sends: anonymous("/api/auth/logout", { body: { refresh_token: "apx_rt_none" } }),
    back: { status: 204 },
  },
  {
    name: "A password for an account that has none is refused like a wrong one",
    sends: (world) =>
      anonymous("/api/auth/login", {
        body: { email: world.victim.credentials.user.email, password: "null" },
      })(world),
    back: { status: 401, code: "credentials_invalid" },
  },
  {
    name: "A password for an account that does not exist is refused alike",
    sends: anonymous("/api/auth/login", {
      body: { email: "nobody@example.com", password: "null" },
    }),
    back: { status: 401, code: "credentials_invalid" },
  },
  {
    name: "SQL as a password opens nothing",
    sends: (world) =>
      anonymous("/api/auth/login", {
        body: { email: world.victim.credentials.user.email, password: "' OR 1=1 --" },
      })(world),
    back: { status: 401, code: "credentials_invalid" },
  },
  ...[{ $ne: "" }, ["x"], true, 1, null].map((password) => ({
    name: `A password that is ${JSON.stringify(password)} is refused by its name`,
    sends: anonymous("/api/auth/login", { body: { email: "a@example.com", password } }),
    back: { status: 422, code: "invalid_fields", field: "password" },
  })),
  {
    name: "A password of a megabyte is refused, unhashed",
    sends: anonymous("/api/auth/login", {
      body: { email: "a@example.com", password: "x".repeat(1_048_576) },
    }),
    back: { status: 413, code: "too_large" },
  },
  {
    name: "An account that is there cannot be registered over",
    sends: (world) =>
      anonymous("/api/auth/register", {
        body: { email: world.victim.credentials.user.email, password: "mine now, mine now" },
      })(world),
    back: { status: 409, code: "email_taken" },
  },
];

export const sessions: readonly Row[] = [...reuse, ...madeUp, ...others];
