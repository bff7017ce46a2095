/** Clients that go in the middle of a body: the product goes on serving the others. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPerson } from "./person.ts";
import { type Product, startProduct, temporaryState, WITHOUT_USAGE } from "./product.ts";
import { eventually } from "./within.ts";

let state: Awaited<ReturnType<typeof temporaryState>>;
let product: Product;

beforeAll(async () => {
  state = await temporaryState();
  product = await startProduct(state.path, WITHOUT_USAGE);
});

afterAll(async () => {
  await product?.kill();
  await state?.remove();
});

/** Sends what is no whole request, and hangs up on what comes back. */
async function hangUp(framing: string, body: string): Promise<void> {
  const { hostname, port } = new URL(product.url);
  const socket = connect(Number(port), hostname);
  const head = [
    "POST /api/auth/login HTTP/1.1",
    "Host: localhost",
    "Content-Type: application/json",
  ];
  await once(socket, "connect");
  socket.write(`${[...head, framing].join("\r\n")}\r\n\r\n${body}`);
  socket.setTimeout(1_000);
  await Promise.race([once(socket, "timeout"), once(socket, "data"), once(socket, "close")]);
  socket.destroy();
}

const BROKEN = [
  ["Content-Length: 100", "{"],
  ["Transfer-Encoding: chunked", "64\r\n{"],
  ["Transfer-Encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n"],
] as const;

test("Who hangs up in the middle of a body, again and again, keeps it from nobody else", async () => {
  const person = await newPerson(product.url);
  for (const [framing, body] of BROKEN) {
    const tried = () => hangUp(framing, body).then(() => true, noAnswer);
    await eventually(tried, product.output);
    // Who is served one moment, or the next, is served.
    await eventually(() => newPerson(product.url).catch(noAnswer), product.output);
    const me = () => person.request("GET", "/api/auth/me").catch(noAnswer);
    expect((await eventually(me, product.output)).status).toBe(200);
  }
});

function noAnswer(): undefined {
  return undefined;
}
