/** Access tokens that nobody was given: forged, bent, borrowed from another purpose, or sent the wrong way. */
import { z } from "zod";
import { encode, forge } from "../../unit/auth/forge.ts";
import { anonymous, type Back, ownTicket, type Row, type Sends, type World } from "../row.ts";

const ME = "/api/auth/me";
const INVALID: Back = { status: 401, code: "token_invalid" };
/** Bigger than any bound on headers. */
const HUGE = 100 * 1024;
const YEAR = 31_536_000;

const Part = z.record(z.string(), z.unknown());
type Part = z.infer<typeof Part>;

interface Parts {
  readonly header: Part;
  readonly claims: Part;
}

/** @returns what the attacker's own token says, to be bent. */
function partsOf({ attacker }: World): Parts {
  const [header = "", claims = ""] = attacker.credentials.access_token.split(".");
  const read = (part: string) => Part.parse(JSON.parse(Buffer.from(part, "base64url").toString()));
  return { header: read(header), claims: read(claims) };
}

function bearer(token: (world: World) => string | Promise<string>): Sends {
  return anonymous(ME, async (world) => ({ token: await token(world) }));
}

/** Signs with the right secret: what is wrong is in the claims alone. */
function claiming(change: Part | ((now: number) => Part), without?: string): Sends {
  return bearer((world) => {
    const { header, claims } = partsOf(world);
    const news = typeof change === "function" ? change(Math.floor(Date.now() / 1000)) : change;
    const bent = Object.entries({ ...claims, ...news }).filter(([name]) => name !== without);
    return forge(header, Object.fromEntries(bent), { key: world.jwtSecret });
  });
}

/** Says to be the victim, by a header and a key of the attacker's choice. */
function posing(change: Part, key = "a-key-that-the-attacker-made-up-just-now"): Sends {
  return bearer((world) => forgeAs(world, change, key));
}

function forgeAs(world: World, change: Part, key: string, hash = "sha256"): string {
  const { header, claims } = partsOf(world);
  const sub = world.victim.credentials.user.id;
  return forge({ ...header, ...change }, { ...claims, sub }, { key, hash });
}

function unsigned(alg: string): Sends {
  return bearer((world) => {
    const { header, claims } = partsOf(world);
    return `${encode({ ...header, alg })}.${encode(claims)}.`;
  });
}

const jwk = { kty: "oct", k: encode("a-key-that-the-attacker-made-up-just-now"), alg: "HS256" };

const forged: readonly Row[] = [
  {
    name: "A token that is the attacker's own, made anew by hand, passes: the other rows are bent by what they say",
    sends: claiming({}),
    back: { status: 200 },
  },
  ...["none", "None", "NONE", "nOnE", ""].map((alg) => ({
    name: `A token without a signature, of the algorithm "${alg}", is refused`,
    sends: unsigned(alg),
    back: INVALID,
  })),
  {
    name: "A token that says none, but keeps another token's signature, is refused",
    sends: bearer((world) => {
      const { header, claims } = partsOf(world);
      const [, , signature] = world.attacker.credentials.access_token.split(".");
      return `${encode({ ...header, alg: "none" })}.${encode(claims)}.${signature}`;
    }),
    back: INVALID,
  },
  { name: "A token signed by another key is refused", sends: posing({}), back: INVALID },
  { name: "A token signed by an empty key is refused", sends: posing({}, ""), back: INVALID },
  {
    name: "A token signed by the name of the setting is refused",
    sends: posing({}, "JWT_SECRET"),
    back: INVALID,
  },
  ...["RS256", "ES256", "EdDSA", "PS256", "HS384", "HS512", "HS256 ", "hs256", "A128KW"].map(
    (alg) => ({
      name: `A token that is signed by HMAC with the true secret, but says "${alg}", is refused`,
      sends: bearer((world) => forgeAs(world, { alg }, world.jwtSecret)),
      back: INVALID,
    }),
  ),
  {
    name: "A token that is HS512 throughout, by the true secret, is refused",
    sends: bearer((world) => forgeAs(world, { alg: "HS512" }, world.jwtSecret, "sha512")),
    back: INVALID,
  },
  {
    name: "A token signed by the text of the published keys, the classic key confusion, is refused",
    sends: bearer(async (world) => {
      const keys = await anonymous("/.well-known/jwks.json")(world);
      return forgeAs(world, { alg: "HS256" }, keys.text);
    }),
    back: INVALID,
  },
  {
    name: "A token with the signature of another token is refused",
    sends: bearer((world) => {
      const [header, claims] = world.victim.credentials.access_token.split(".");
      return `${header}.${claims}.${world.attacker.credentials.access_token.split(".")[2]}`;
    }),
    back: INVALID,
  },
  {
    name: "A token with half its signature is refused",
    sends: bearer(({ victim }) => victim.credentials.access_token.slice(0, -20)),
    back: INVALID,
  },
  {
    name: "A token whose sub was written twice, and signed once, is refused",
    sends: bearer((world) => {
      const [header, claims = "", signature] = world.attacker.credentials.access_token.split(".");
      const text = Buffer.from(claims, "base64url").toString();
      const twice = text.replace(/}$/, `,"sub":"${world.victim.credentials.user.id}"}`);
      return `${header}.${encode(twice)}.${signature}`;
    }),
    back: INVALID,
  },
  {
    name: "A token whose header names its algorithm twice is refused",
    sends: bearer((world) =>
      forge('{"alg":"HS256","typ":"at+jwt","alg":"none"}', partsOf(world).claims),
    ),
    back: INVALID,
  },
  {
    name: "A token of five parts, encrypted, is refused",
    sends: bearer(() => `${encode({ alg: "dir", enc: "A256GCM" })}..AAAA.AAAA.AAAA`),
    back: INVALID,
  },
  {
    name: "A token whose parts are no JSON is refused",
    sends: bearer(() => "AAAA.AAAA.AAAA"),
    back: INVALID,
  },
  { name: "A token of three dots is refused", sends: bearer(() => "..."), back: INVALID },
  {
    name: "A token of claims that nest a hundred thousand levels deep is refused",
    sends: bearer(() => forge({ alg: "HS256" }, "[".repeat(6_000), { key: "x" }).slice(0, 8_000)),
    back: INVALID,
  },
  {
    name: "A token of 100 KB is refused, unread",
    sends: bearer((world) => forgeAs(world, { fill: "x".repeat(HUGE) }, world.jwtSecret)),
    back: { status: [401, 431] },
  },
];

const headers: readonly Row[] = [
  ["a path, to an empty key", "../../../../dev/null", ""],
  ["SQL, to a key of its choice", "x' UNION SELECT 'chosen' --", "chosen"],
  ["a URL", "https://evil.test/key", undefined],
  ["an array", ["a", "b"], undefined],
  ["an object", { toString: "x" }, undefined],
  ["__proto__", "__proto__", undefined],
  ["a NUL", "key\u0000", undefined],
  ["nothing", "", ""],
].map(([what, kid, key]) => ({
  name: `A token whose kid is ${what} is refused`,
  sends: posing({ kid }, typeof key === "string" ? key : undefined),
  back: INVALID,
}));

const keyHeaders: readonly Row[] = [
  ["jku", "https://evil.test/jwks.json"],
  ["x5u", "https://evil.test/cert.pem"],
  ["jwk", jwk],
  ["x5c", ["MIIB"]],
].map(([name, value]) => ({
  name: `A token that brings its own key by ${name} is refused`,
  sends: posing({ [String(name)]: value }),
  back: INVALID,
}));

const extensions: readonly Row[] = [
  ["an unknown extension", { crit: ["exp2"], exp2: 1 }],
  ["an unencoded payload (RFC 7797)", { crit: ["b64"], b64: false }],
  ["no extension at all", { crit: [] }],
  ["an extension that is no list", { crit: "b64" }],
].map(([what, change]) => ({
  name: `A token, signed rightly, that makes critical ${what} is refused`,
  sends: bearer((world) => forgeAs(world, Part.parse(change), world.jwtSecret)),
  back: INVALID,
}));

const kinds: readonly Row[] = [
  ...["JWT", "ticket+jwt", "refresh+jwt", "id_token+jwt", "secevent+jwt"].map((typ) => ({
    name: `A token of the type ${typ}, signed rightly, is no access token`,
    sends: bearer((world) => forgeAs(world, { typ }, world.jwtSecret)),
    back: INVALID,
  })),
  {
    name: "A refresh token is no access token",
    sends: bearer(({ attacker }) => attacker.credentials.refresh_token),
    back: INVALID,
  },
  {
    name: "A ticket for a socket is no access token",
    sends: bearer(ownTicket),
    back: INVALID,
  },
  {
    name: "What looks like an API key is no access token",
    sends: bearer(() => `apx_key_${"A".repeat(43)}`),
    back: { status: 401 },
  },
];

const times: readonly Row[] = [
  ["has expired", (now: number) => ({ iat: now - 1_000, exp: now - 100 })],
  ["expired by an exp before 1970", () => ({ exp: -1 })],
  ["was issued in the future", (now: number) => ({ iat: now + 600, exp: now + 1_200 })],
  [
    "was issued long ago, whatever its exp",
    (now: number) => ({ iat: now - YEAR, exp: now + YEAR }),
  ],
  ["is not valid yet", (now: number) => ({ nbf: now + 600 })],
  ["has an nbf of text", () => ({ nbf: "now" })],
  ["has an exp of text", (now: number) => ({ exp: String(now + 600) })],
  ["has an exp of null", () => ({ exp: null })],
  ["has an exp that is a fraction", (now: number) => ({ exp: now + 0.5 })],
  ["has an exp beyond every number", () => ({ exp: 1e300 })],
  ["has an iat of text", (now: number) => ({ iat: String(now) })],
  ["has an iat of an array", (now: number) => ({ iat: [now] })],
].map(([what, change]) => ({
  name: `A token that ${what} is refused`,
  sends: claiming(typeof change === "function" ? change : {}),
  back: { status: 401 },
}));

const claims: readonly Row[] = [
  ...["exp", "iat", "aud", "iss", "sub", "scopes", "tier", "role", "jti"].map((claim) => ({
    name: `A token, signed rightly, without ${claim} is refused`,
    sends: claiming({}, claim),
    back: INVALID,
  })),
  ...[
    { aud: "somebody-else" },
    { aud: ["one", "another"] },
    { aud: "apex-edge:thread-socket" },
    { aud: { 0: "apex-edge" } },
    { aud: "" },
    { iss: "https://accounts.google.com" },
    { iss: ["apex-edge"] },
    { iss: "apex-edge " },
    { sub: "" },
    { sub: ["a", "b"] },
    { sub: { $ne: null } },
    { sub: "x".repeat(65) },
    { role: "owner" },
    { tier: "unlimited" },
    { scopes: "operator" },
    { scopes: { 0: "operator" } },
  ].map((change) => ({
    name: `A token, signed rightly, with ${JSON.stringify(change)} is refused`,
    sends: claiming(change),
    back: INVALID,
  })),
];

export const tokens: readonly Row[] = [
  ...forged,
  ...headers,
  ...keyHeaders,
  ...extensions,
  ...kinds,
  ...times,
  ...claims,
];
