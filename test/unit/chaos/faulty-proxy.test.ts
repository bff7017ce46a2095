/** The chaos bench's network: each fault does what it is counted as, and healing ends them all. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type FaultyProxy, startFaultyProxy } from "../../../bench/chaos/faulty-proxy.ts";
import { drawFate, type NetworkFault } from "../../../bench/chaos/network-faults.ts";
import { seeded } from "../../../bench/chaos/random.ts";
import { eventually } from "../../e2e/within.ts";

const SENT = Buffer.alloc(10_000, "x");

let running: AsyncDisposableStack;

beforeEach(() => {
  running = new AsyncDisposableStack();
});
afterEach(() => running.disposeAsync());

/** A socket that counts what arrives. */
function counted(socket: Socket) {
  const end = { socket, received: 0, closed: false };
  socket.on("data", (bytes) => {
    end.received += bytes.length;
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    end.closed = true;
  });
  return end;
}
type End = ReturnType<typeof counted>;

/** Connects through a network whose first connection has such a fate. */
async function connectThrough(kind: NetworkFault["kind"], side: NetworkFault["side"]) {
  const server = createServer().listen(0, "127.0.0.1");
  running.defer(() => void server.close());
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const { seed, fault } = seedOf(kind, side);
  const proxy = await startFaultyProxy(`http://127.0.0.1:${port}`, seeded(seed), 1);
  running.defer(() => proxy.close());
  const accepted = once(server, "connection");
  const client = counted(connect(Number(new URL(proxy.url).port), "127.0.0.1"));
  running.defer(() => void client.socket.destroy());
  const [socket] = await accepted;
  return { client, upstream: counted(socket), proxy, fault };
}

function seedOf(kind: NetworkFault["kind"], side: NetworkFault["side"]) {
  for (let seed = 0; ; seed += 1) {
    const { fault } = drawFate(seeded(seed).branch("connection 0"), 1);
    // Long enough that nothing but healing ends it while a test looks.
    const lasts = kind === "cut" || (fault?.lastsMs ?? 0) > 30_000;
    if (fault?.kind === kind && fault.side === side && lasts) return { seed, fault };
  }
}

async function struck(proxy: FaultyProxy, end: End, received: number): Promise<void> {
  await eventually(
    () => (proxy.faults.length === 1 && end.received === received) || undefined,
    () => `${proxy.faults.length} faults and ${end.received} bytes of ${received}`,
  );
}

async function over(end: End): Promise<void> {
  await eventually(
    () => end.closed || undefined,
    () => "an open socket",
  );
}

test("a cut lets through what it must, in the middle of a piece, and ends both sides", async () => {
  const { client, upstream, proxy, fault } = await connectThrough("cut", "server");
  upstream.socket.write(SENT);
  await over(client);
  await over(upstream);
  expect(client.received).toBe(fault.afterBytes);
  expect(proxy.faults).toEqual([fault]);
});

test.each(["client", "server"] as const)(
  "a silence of the %s swallows its bytes and none of the other's, and healing cuts it",
  async (side) => {
    const { client, upstream, proxy, fault } = await connectThrough("silence", side);
    const [speaker, listener] = side === "client" ? [client, upstream] : [upstream, client];
    speaker.socket.write(SENT);
    await struck(proxy, listener, fault.afterBytes);
    listener.socket.write(SENT);
    speaker.socket.write(SENT);
    await struck(proxy, speaker, SENT.length);
    expect(listener.received).toBe(fault.afterBytes);
    proxy.heal();
    await over(client);
    await over(upstream);
  },
);

test("a stall holds back what comes, and after it everything arrives", async () => {
  const { client, upstream, proxy, fault } = await connectThrough("stall", "server");
  upstream.socket.write(SENT);
  await struck(proxy, client, fault.afterBytes);
  client.socket.write(SENT);
  upstream.socket.write(SENT);
  proxy.heal();
  await struck(proxy, client, 2 * SENT.length);
  await struck(proxy, upstream, SENT.length);
});

test("a healed network hurts nobody any more", async () => {
  const { client, upstream, proxy } = await connectThrough("cut", "server");
  proxy.heal();
  upstream.socket.write(SENT);
  await eventually(
    () => client.received === SENT.length || undefined,
    () => `${client.received} bytes`,
  );
  expect(proxy.faults).toEqual([]);
});
