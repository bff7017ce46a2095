/** A token that is genuine, but sent in a way that none may be sent in. */
import { anonymous, type Back, type Row, type Sends, type World } from "../row.ts";

const ME = "/api/auth/me";
const NONE_SENT: Back = { status: 401, code: "unauthenticated" };

function authorization(value: (token: string, world: World) => string): Sends {
  return anonymous(ME, (world) => ({
    headers: { authorization: value(world.attacker.credentials.access_token, world) },
  }));
}

export const credentials: readonly Row[] = [
  {
    name: "A scheme in lower case is the same scheme",
    sends: authorization((token) => `bearer ${token}`),
    back: { status: 200 },
  },
  {
    name: "Two Authorization headers are none",
    sends: authorization((token, { victim }) => {
      return `Bearer ${token}, Bearer ${victim.credentials.access_token}`;
    }),
    back: NONE_SENT,
  },
  ...["Basic", "Token", "JWT", "Bearer Bearer", "Bearer:", "Negotiate"].map((scheme) => ({
    name: `A token after "${scheme}" is none`,
    sends: authorization((token) => `${scheme} ${token}`),
    back: NONE_SENT,
  })),
  {
    name: "A scheme without a token is none",
    sends: authorization(() => "Bearer"),
    back: NONE_SENT,
  },
  {
    name: "A token after a tab is none",
    sends: authorization((token) => `Bearer\t${token}`),
    back: NONE_SENT,
  },
  {
    name: "A token with a space in it is none",
    sends: authorization((token) => `Bearer ${token.replace(".", " .")}`),
    back: NONE_SENT,
  },
  {
    name: "A token in quotes is none",
    sends: authorization((token) => `Bearer "${token}"`),
    back: NONE_SENT,
  },
  ...["access_token", "token", "jwt", "auth", "Authorization", "x"].map((name) => ({
    name: `A token in the URL, as ${name}, is refused, even beside a header that would do`,
    sends: (world: World) => {
      const token = world.attacker.credentials.access_token;
      return anonymous(`${ME}?${name}=${token}`, { token })(world);
    },
    back: NONE_SENT,
  })),
  {
    name: "A token in a form's body signs nobody in",
    sends: (world) =>
      anonymous("/api/threads", {
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: `access_token=${world.attacker.credentials.access_token}`,
      })(world),
    back: NONE_SENT,
  },
  ...["token", "session", "access_token", "__Host-session", "jwt"].map((name) => ({
    name: `A token in a cookie called ${name} signs nobody in`,
    sends: anonymous(ME, ({ attacker }) => ({
      headers: { cookie: `${name}=${attacker.credentials.access_token}` },
    })),
    back: NONE_SENT,
  })),
];
