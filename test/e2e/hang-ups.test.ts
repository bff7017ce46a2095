/** Clients that go in the middle of a body, and clients that rest: the product goes on serving. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPerson } from "./person.ts";
import {
  type Product,
  processTree,
  startProduct,
  temporaryState,
  WITHOUT_USAGE,
} from "./product.ts";
import { openSocket } from "./recording.ts";
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
  const live = await openSocket(person, await person.newThread());
  for (const [framing, body] of BROKEN) {
    await hangUp(framing, body);
    await newPerson(product.url);
    expect((await person.request("GET", "/api/auth/me")).status).toBe(200);
  }
  // A connection from before them all is the same, and still serves.
  const { data } = await live.say("Hello, what can you do?");
  expect((await live.completed(data.run_id)).data.status).toBe("completed");
  live.close();
});

test("A connection that rests for longer than the worker keeps one is served on", async () => {
  const { hostname, port } = new URL(product.url);
  const socket = connect(Number(port), hostname);
  let received = "";
  socket.setEncoding("latin1").on("data", (text) => {
    received += text;
  });
  const answers = () => received.split("HTTP/1.1 401 ").length - 1;
  for (const [asked, rest] of [5_500, 5_500, 0].entries()) {
    socket.write("GET /api/auth/me HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await eventually(
      () => answers() === asked + 1 || undefined,
      () => `${received}\n${socket.readyState}`,
    );
    await sleep(rest);
  }
  expect(socket.readyState).toBe("open");
  socket.destroy();
});

test.each([
  // The first that wrangler starts is its proxy; what serves comes after it, and wrangler looks after it.
  ["A worker", "workerd", "being restarted"],
  ["A server", "development-server.ts", "started again"],
])("%s that is gone is there again, for whoever asks", async (_, program, news) => {
  const person = await newPerson(product.url);
  const running = processTree(product.pid).findLast((pid) => runs(pid, program));
  if (running === undefined) throw new Error("Nothing serves.");
  process.kill(running, "SIGKILL");
  await eventually(() => product.output().includes(news) || undefined, product.output);
  const me = () => person.request("GET", "/api/auth/me").then(ifServed, () => undefined);
  await eventually(me, product.output);
});

function runs(pid: number, program: string): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(program);
}

function ifServed(answer: Response): true | undefined {
  return answer.ok || undefined;
}
