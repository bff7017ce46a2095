/** Memory of idle sockets: how much more the product holds with 500 of them open than with none, once garbage is collected. */
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { ThreadId } from "../../src/protocol/ids.ts";
import { newPerson } from "../../test/e2e/person.ts";
import { type DEFLATE, holdSocket } from "../held-socket.ts";
import { isolatesOf } from "../isolates.ts";
import { workerBelow } from "../worker-process.ts";
import type { Stage } from "./stage.ts";

const THREADS = 10;
const SOCKETS = 500;
/** An object hibernates after about 10 s without work; there is nothing that tells when it has. */
const SETTLE_MS = 20_000;

/** @param extension of the protocol, as browsers ask for it; none leaves frames as they are. */
export async function measureIdleSockets(
  { product }: Stage,
  extension: typeof DEFLATE | null,
): Promise<void> {
  const worker = workerBelow(product.pid);
  const isolates = await isolatesOf(worker, product.url);
  const person = await newPerson(product.url);
  const threads: ThreadId[] = [];
  while (threads.length < THREADS) threads.push(await person.newThread());
  const headers = { authorization: `Bearer ${person.credentials.access_token}` };
  const open = (socket: number) => {
    const url = `${person.url}/api/threads/${threads[socket % THREADS]}/socket`;
    return holdSocket(url, headers, extension);
  };
  // As many are opened and closed first, one by one: what is counted below are sockets that stay,
  // neither objects nor what a heap has grown to by as many requests.
  for (let socket = 0; socket < SOCKETS; socket += 1) (await open(socket)).destroy();
  await sleep(SETTLE_MS);
  // Else what letting in leaves behind would stand for what is held.
  await isolates.collect();
  const before = worker.residentBytes();
  const sockets: Socket[] = [];
  for (let socket = 0; socket < SOCKETS; socket += 1) sockets.push(await open(socket));
  await sleep(SETTLE_MS);
  await isolates.collect();
  const idle = worker.residentBytes();
  for (const socket of sockets) socket.destroy();

  console.log(
    `Memory of ${SOCKETS} idle sockets on ${THREADS} threads, ${extension ?? "uncompressed"}`,
  );
  const each = (idle - before) / SOCKETS / 2 ** 10;
  console.log(`  ${each.toFixed(1)} KiB a socket (${mebibytes(before)} → ${mebibytes(idle)})`);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
