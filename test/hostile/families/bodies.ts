/** Bodies that no client of ours would send: too deep, too many, mistyped, broken, or bearing gifts. */
import { gzipSync } from "node:zlib";
import { MAX_BODY_BYTES } from "../../../src/protocol/limits.ts";
import { inPieces } from "../in-pieces.ts";
import { type Back, bytes, type Row, type Sends, signedIn } from "../row.ts";

const THREADS = "/api/threads";
const NEW = ["threads", "Thread objects"];
const MALFORMED: Back = { status: 400, code: "malformed_body" };
const WRONG_TYPE: Back = { status: 415, code: "unsupported_media_type" };
const TOO_LARGE: Back = { status: 413, code: "too_large" };
const DEEP = 100_000;
const MANY = 1_000_000;

/** Begins a thread by a raw body. */
function begin(body: string | (() => ReadableStream), type = "application/json"): Sends {
  return signedIn(THREADS, () => ({
    method: "POST",
    body: typeof body === "string" ? body : body(),
    headers: { "content-type": type },
  }));
}

function invalid(field: string): Back {
  return { status: 422, code: "invalid_fields", field };
}

const json: readonly Row[] = [
  ["empty but for a space", " "],
  ["cut off", '{"title":"x'],
  ["NaN", '{"title":NaN}'],
  ["Infinity", '{"title":Infinity}'],
  ["undefined", '{"title":undefined}'],
  ["JSON5", "{title:'x'}"],
  ["JSON with a comment", '{"title":"x"/**/}'],
  ["two documents", '{"title":"x"}{"title":"y"}'],
  ["a script", "<script>alert(1)</script>"],
  [
    "XML with an external entity",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
  ],
  ["nested a hundred thousand levels deep, and never closed", "[".repeat(DEEP)],
  ["begun by a NUL", '\u0000{"title":"x"}'],
].map(([what, body = ""]) => ({
  name: `A body that is ${what} is no JSON`,
  sends: begin(body),
  back: MALFORMED,
}));

const shapes: readonly Row[] = [
  ...["null", "[]", "1", '"x"', "true", "1e999"].map((body) => ({
    name: `A body that is ${body} is refused as a whole`,
    sends: begin(body),
    back: invalid("(root)"),
  })),
  {
    name: "A body nested fifty thousand levels deep is refused, and no stack overflows",
    sends: begin(`${"[".repeat(DEEP / 2)}${"]".repeat(DEEP / 2)}`),
    back: invalid("(root)"),
  },
  {
    name: "A title nested fifty thousand levels deep is refused",
    sends: begin(`{"title":${"[".repeat(DEEP / 2)}${"]".repeat(DEEP / 2)}}`),
    back: invalid("title"),
  },
  {
    name: "Labels nested twenty thousand levels deep are refused",
    sends: begin(`{"metadata":${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}}`),
    back: invalid("metadata.a"),
  },
  {
    name: "A body of a million keys is refused for its size",
    sends: begin(() => bytes(`{${Array.from({ length: MANY }, (_, n) => `"${n}":1`).join(",")}}`)),
    back: TOO_LARGE,
  },
  {
    name: "A body of as many keys as fit is refused by thirty-two of them, not by all",
    sends: begin(`{${Array.from({ length: 12_000 }, (_, n) => `"k${n}":1`).join(",")}}`),
    back: invalid("k31"),
  },
  {
    name: "Labels of more than thirty-two entries are refused",
    sends: begin(
      JSON.stringify({
        metadata: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`k${n}`, "x"])),
      }),
    ),
    back: invalid("metadata"),
  },
  {
    name: "A title of 1e999 is refused",
    sends: begin('{"title":1e999}'),
    back: invalid("title"),
  },
  {
    name: "A label of 1e999 is refused",
    sends: begin('{"metadata":{"a":1e999}}'),
    back: invalid("metadata.a"),
  },
  {
    name: "A title of 201 characters is refused",
    sends: begin(JSON.stringify({ title: "x".repeat(201) })),
    back: invalid("title"),
  },
  {
    name: "A label of 513 characters is refused",
    sends: begin(JSON.stringify({ metadata: { a: "x".repeat(513) } })),
    back: invalid("metadata.a"),
  },
  {
    name: "A title that comes twice is refused or taken as the last one, never as a list",
    sends: begin('{"title":"first","title":"last"}'),
    back: { status: 201, says: '"title":"last"' },
    mayChange: NEW,
  },
];

const pollution: readonly Row[] = [
  ['{"__proto__":{"is_admin":true}}', "__proto__"],
  ['{"constructor":{"prototype":{"is_admin":true}}}', "constructor"],
  ['{"prototype":{"is_admin":true}}', "prototype"],
  ['{"\\u005f_proto__":{"is_admin":true}}', "__proto__"],
  ['{"toString":"x"}', "toString"],
  ['{"hasOwnProperty":1}', "hasOwnProperty"],
  ['{"metadata":{"constructor":{"prototype":{"is_admin":true}}}}', "metadata.constructor"],
].map(([body = "", field = ""]) => ({
  name: `A body of ${body} is refused, and no object inherits from it`,
  sends: begin(body),
  back: invalid(field),
}));

const dropped: readonly Row[] = [
  {
    name: "A label called __proto__ is left out, and no object inherits from it",
    sends: begin('{"metadata":{"__proto__":{"is_admin":true}}}'),
    back: { status: 201, says: '"metadata":{}' },
    mayChange: NEW,
  },
];

const encodings: readonly Row[] = [
  {
    name: "A body that begins with a byte order mark is read as if it did not",
    sends: begin(() => bytes(new Uint8Array([0xef, 0xbb, 0xbf]), '{"title":"marked"}')),
    back: { status: 201, says: '"title":"marked"' },
    mayChange: NEW,
  },
  {
    name: "A body in UTF-16 is no JSON",
    sends: begin(() => bytes(new Uint8Array(Buffer.from('\ufeff{"title":"x"}', "utf16le")))),
    back: MALFORMED,
  },
  {
    name: "A body with an overlong slash, invalid as UTF-8, is refused",
    sends: begin(() => bytes('{"title":"a', new Uint8Array([0xc0, 0xaf]), 'b"}')),
    back: MALFORMED,
  },
  {
    name: "A quote that is overlong in UTF-8 ends no string",
    sends: begin(() => bytes('{"title":"a', new Uint8Array([0xc0, 0xa2]), ',"is_admin":"b"}')),
    back: MALFORMED,
  },
  {
    name: "A body with a surrogate in raw UTF-8 bytes is refused",
    sends: begin(() => bytes('{"title":"a', new Uint8Array([0xed, 0xa0, 0x80]), 'b"}')),
    back: MALFORMED,
  },
  {
    name: "A gzipped body is no JSON: nothing here unpacks one",
    sends: signedIn(THREADS, () => ({
      method: "POST",
      body: bytes(new Uint8Array(gzipSync('{"title":"x"}'))),
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
    })),
    back: { status: [400, 415] },
  },
  {
    name: "A gzipped body of sixteen megabytes is refused, packed as it is",
    sends: signedIn(THREADS, () => ({
      method: "POST",
      body: bytes(new Uint8Array(gzipSync(new Uint8Array(16 * 1024 * 1024)))),
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
    })),
    back: { status: [400, 413, 415] },
  },
];

const types: readonly Row[] = [
  "text/plain",
  "text/html",
  "application/xml",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/jsonp",
  "application/json, text/plain",
  "text/plain; application/json",
  "application/octet-stream",
  "application/javascript",
].map((type) => ({
  name: `A body of the type "${type}" is refused, whatever it holds`,
  sends: signedIn("/api/threads/{mine}", {
    method: "PATCH",
    body: '{"title":"x"}',
    headers: { "content-type": type },
  }),
  back: WRONG_TYPE,
}));

const sizes: readonly Row[] = [
  {
    name: "A body one byte too large is refused",
    sends: begin(" ".repeat(MAX_BODY_BYTES + 1)),
    back: TOO_LARGE,
  },
  {
    name: "A body in pieces without a length is refused as soon as it is too large",
    sends: begin(() => inPieces(Number.POSITIVE_INFINITY, 16 * 1024)),
    back: TOO_LARGE,
  },
  {
    name: "A body of two hundred pieces of a byte each is read to its end, and is no JSON",
    sends: begin(() => inPieces(200, 1)),
    back: MALFORMED,
  },
  {
    name: "A body that breaks off in the middle is refused, not failed on",
    sends: begin(() => inPieces(3, 10, "error")),
    back: { status: [400, 408] },
  },
  {
    name: "A body with a GET is not looked at",
    sends: signedIn("/api/threads/{mine}", { headers: { "content-type": "application/json" } }),
    back: { status: 200 },
  },
];

export const bodies: readonly Row[] = [
  ...json,
  ...shapes,
  ...pollution,
  ...dropped,
  ...encodings,
  ...types,
  ...sizes,
];
