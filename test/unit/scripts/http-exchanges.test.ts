/** When a connection rests: never while anybody waits, so that letting go of it loses nothing. */
import { describe, expect, it } from "vitest";
import { HttpExchanges } from "../../../scripts/http-exchanges.ts";

type Side = "request" | "answer";
type Passed = readonly [Side, string];

const HOST = "Host: localhost\r\n";
const GET: Passed = ["request", `GET / HTTP/1.1\r\n${HOST}\r\n`];
const OK: Passed = ["answer", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"];
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const post = (length: number, body: string): Passed => [
  "request",
  `POST / HTTP/1.1\r\n${HOST}Content-Length: ${length}\r\n\r\n${body}`,
];

function rests(passed: readonly Passed[]): boolean {
  const exchanges = new HttpExchanges();
  for (const [side, text] of passed) exchanges[side](Buffer.from(text, "latin1"));
  return exchanges.areAtRest;
}

describe("a connection on which somebody waits", () => {
  it.each<[string, ...Passed[]]>([
    ["for the answer", GET],
    ["for the rest of the request's head", ["request", "GET / HT"]],
    ["for the rest of the next request", GET, OK, ["request", "GET / HT"]],
    [
      "for the rest of the next request, which began with the first",
      ["request", `${GET[1]}GE`],
      OK,
    ],
    ["for the rest of the body, though it is answered", post(5, "{"), OK],
    ["for the rest of the answer's body", GET, ["answer", OK[1].slice(0, -1)]],
    ["for the next piece of a stream", GET, ["answer", `${CHUNKED}2\r\nok\r\n`]],
    ["for the second of two answers", GET, GET, OK],
    ["for what comes after an interim answer", post(2, ""), ["answer", "HTTP/1.1 100 C\r\n\r\n"]],
    [
      "for the end of the connection, which ends the answer",
      GET,
      ["answer", "HTTP/1.1 200 OK\r\n\r\nok"],
    ],
    [
      "for the end of the connection, as was asked",
      ["request", `GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`],
      OK,
    ],
    [
      "for the end of the connection, as HTTP/1.0 has it",
      ["request", "GET / HTTP/1.0\r\n\r\n"],
      OK,
    ],
    [
      "for a frame of a socket",
      ["request", `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
      ["answer", "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"],
      ["answer", "\x81\x02ok"],
    ],
    ["for what can't be read", ["request", "XYZZY\r\n\r\n"], OK],
  ])("does not rest: %s", (_, ...passed) => {
    expect(rests(passed)).toBe(false);
  });
});

describe("a connection on which all is said", () => {
  it.each<[string, ...Passed[]]>([
    ["an answer with a length", GET, OK],
    ["a stream to its end", GET, ["answer", `${CHUNKED}2\r\nok\r\n`], ["answer", "0\r\n\r\n"]],
    ["a body in pieces", post(5, "{"), ["request", "ab"], ["request", "c}"], OK],
    [
      "a body that was waited for",
      post(2, ""),
      ["answer", "HTTP/1.1 100 C\r\n\r\n"],
      ["request", "{}"],
      OK,
    ],
    [
      "a HEAD, whose answer has no body",
      ["request", `HEAD / HTTP/1.1\r\n${HOST}\r\n`],
      ["answer", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"],
    ],
    ["an answer without content", GET, ["answer", "HTTP/1.1 204 No Content\r\n\r\n"]],
    ["two requests at once", GET, GET, OK, OK],
    [
      "an upgrade that is refused",
      ["request", `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
      ["answer", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"],
    ],
  ])("rests: %s", (_, ...passed) => {
    expect(rests(passed)).toBe(true);
  });
});
