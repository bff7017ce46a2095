/** Bytes that no client sends: refused in order by the app, or by the platform before the app, and the product serves on. */
import { connect } from "node:net";
import { afterAll, describe, expect, inject, it } from "vitest";
import { Problem } from "../../src/protocol/problem.ts";
import { PROTECTIONS } from "../hostile/answers.ts";
import { eventually } from "./within.ts";

const { hostname, port, origin } = new URL(inject("demoUrl"));
const HOST = "Host: localhost";
const ME = "/api/auth/me";
const LOGIN = ["POST /api/auth/login HTTP/1.1", HOST, "Content-Type: application/json"];

/** What is tried, and its lines; what comes after an empty one is the body. */
type Row = readonly [what: string, lines: readonly string[], status: number];

const get = (...lines: string[]) => [`GET ${ME} HTTP/1.1`, HOST, ...lines];
const at = (target: string) => [`GET ${target} HTTP/1.1`, HOST];
const asked = (line: string) => [`${line} HTTP/1.1`, HOST];
const post = (...lines: string[]) => [...LOGIN, ...lines];

/** Bytes 0xff and 0xfe, each a character here: what is sent is Latin-1. */
const NO_TEXT = "\u00ff\u00fe";

const byTheApp: readonly Row[] = [
  ["a way up in the path, which leads where it says", at("/api/threads/../auth/me"), 401],
  ["bytes in the path that are no text", at(`/api/threads/${NO_TEXT}`), 401],
  ["a fragment in the path", at(`${ME}#x`), 401],
  ["backslashes in the path, which lead where slashes do", at("/api\\threads\\..\\auth\\me"), 401],
  ["two Authorization headers", get("Authorization: Bearer x", "Authorization: Bearer y"), 401],
  ["a bearer of bytes that are no text", get(`Authorization: Bearer ${NO_TEXT}`), 401],
  ["a header line that ends in a line feed alone", get("X-One: 1\nX-Two: 2"), 401],
  ["the same header two hundred times", get(...Array<string>(200).fill("X-One: 1")), 401],
  ["two hundred headers", get(...Array.from({ length: 200 }, (_, n) => `X-${n}: 1`)), 431],
  ["a header of forty thousand characters", get(`X-One: ${"x".repeat(40_000)}`), 431],
  ["a version of HTTP that there is none of", [`GET ${ME} HTTP/9.9`, HOST], 401],
  ["an upgrade to HTTP/2", get("Upgrade: h2c", "Connection: Upgrade"), 401],
  ["an upgrade to a socket where none is", get("Upgrade: websocket", "Connection: Upgrade"), 401],
  ["a GET with a body", get("Content-Length: 2", "", "{}"), 401],
  ["a GET with a chunked body", get("Transfer-Encoding: chunked", "", "2", "{}", "0", "", ""), 401],
  ["the method PROPFIND", asked(`PROPFIND ${ME}`), 405],
  ["the method TRACE", asked(`TRACE ${ME}`), 405],
  ["an expectation that nobody knows", post("Expect: 42", "Content-Length: 2", "", "{}"), 422],
  [
    "both a length and chunks, of which the chunks are believed (RFC 9112, 6.3)",
    post("Content-Length: 4", "Transfer-Encoding: chunked", "", "2", "{}", "0", "", ""),
    422,
  ],
  [
    "a gzipped body of sixteen thousand characters, unread",
    post("Content-Encoding: gzip", "Content-Length: 16000", "", "x".repeat(16_000)),
    415,
  ],
];

/** The app is never asked: workerd, and what `wrangler dev` puts before it, answer in plain text, some of it with a 500. */
const byThePlatform: readonly Row[] = [
  ["no Host, in HTTP/1.0", [`GET ${ME} HTTP/1.0`], 400],
  ["no Host, in HTTP/1.1", [`GET ${ME} HTTP/1.1`], 400],
  ["an empty Host", [`GET ${ME} HTTP/1.1`, "Host: "], 400],
  ["two Hosts", get("Host: evil.test"), 500],
  ["a Host with a space", [`GET ${ME} HTTP/1.1`, "Host: a b"], 500],
  ["no version of HTTP", [`GET ${ME}`], 400],
  ["the first line of HTTP/2", ["PRI * HTTP/2.0", "", "SM", ""], 501],
  ["a header value with a carriage return", get("X-One: 1\r2"), 400],
  ["a header value with a NUL", get("X-One: 1\u00002"), 400],
  ["a header that goes on in the next line", get("X-One: 1", " 2"), 400],
  ["a parenthesis in a header's name", get("X(One: 1"), 400],
  ["a space after a header's name", get("X-One : 1"), 400],
  ["a header without a colon", get("X-One"), 400],
  ["headers of two hundred thousand characters", get(`X-One: ${"x".repeat(200_000)}`), 431],
  ["the address of another host", asked("GET http://evil.test/api/auth/me"), 500],
  ["the address of another host, by HTTPS", asked("GET https://evil.test/api/auth/me"), 500],
  ["a method that there is none of", asked(`XYZZY ${ME}`), 501],
  ["the method CONNECT", asked("CONNECT evil.test:443"), 500],
  ["OPTIONS of everything", asked("OPTIONS *"), 500],
  ["two lengths", post("Content-Length: 2", "Content-Length: 3", "", "{} "), 500],
  ["one length twice", post("Content-Length: 2", "Content-Length: 2", "", "{}"), 500],
  ["a length below zero", post("Content-Length: -1", "", "{}"), 500],
  ["an encoding of the transfer that nobody knows", post("Transfer-Encoding: x", "", "{}"), 500],
  ["chunks that are gzipped", post("Transfer-Encoding: gzip, chunked", "", "0", "", ""), 500],
];

describe("the app refuses, as it refuses all", () => {
  it.each(byTheApp)("%s", async (_, lines, status) => {
    const answer = await exchange(lines);

    expect(answer.status, answer.body).toBe(status);
    expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers).toMatchObject({
      ...PROTECTIONS,
      "content-type": "application/problem+json",
    });
    expect(Problem.parse(JSON.parse(answer.body)).status).toBe(status);
  });
});

describe("the platform refuses, and the app is never asked", () => {
  it.each(byThePlatform)("%s", async (_, lines, status) => {
    const answer = await exchange(lines);

    expect(answer.status, answer.body).toBe(status);
    expect(answer.headers).not.toHaveProperty("x-request-id");
    expect(answer.body).toMatch(/^(ERROR: )?[\w ,.]*$/);
  });
});

afterAll(async () => {
  expect((await fetch(`${origin}/health`)).status, "serves on, after all of it").toBe(200);
});

/** Sends lines as they stand. @returns the first answer. */
async function exchange(lines: readonly string[]) {
  const socket = connect(Number(port), hostname);
  let received = "";
  let hasEnded = false;
  socket.setEncoding("latin1").on("data", (text) => {
    received += text;
  });
  for (const end of ["end", "error", "close"]) {
    socket.on(end, () => {
      hasEnded = true;
    });
  }
  const isWithBody = lines.includes("");
  socket.write(lines.join("\r\n") + (isWithBody ? "" : "\r\n\r\n"), "latin1");
  try {
    return await eventually(
      () => firstAnswer(received, hasEnded),
      () => received,
    );
  } finally {
    socket.destroy();
  }
}

/** @returns the answer that is all there; undefined while more is to come. */
function firstAnswer(received: string, hasEnded: boolean) {
  const [head = "", ...rest] = received.split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = Number(headers["content-length"] ?? Number.POSITIVE_INFINITY);
  const body = rest.join("\r\n\r\n");
  if (body.length < length && !hasEnded) return undefined;
  return { status: Number(first.split(" ")[1]), headers, body: body.slice(0, length) };
}
