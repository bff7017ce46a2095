/** Memory of idle sockets: how much more the product holds with 500 of them open than with none. */
import { execFileSync } from "node:child_process";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { ThreadId } from "../../src/protocol/ids.ts";
import { newPerson } from "../../test/e2e/person.ts";
import { processTree } from "../../test/e2e/product.ts";
import { type DEFLATE, holdSocket } from "../held-socket.ts";
import type { Stage } from "./stage.ts";

const THREADS = 10;
const SOCKETS = 500;
/** An object hibernates after about 10 s without work; there is nothing that tells when it has. */
const SETTLE_MS = 20_000;

/** Of both processes, in bytes resident. */
interface Memory {
  /** The workerd that runs the Worker and its objects. */
  readonly product: number;
  /** The workerd that wrangler puts before it, in development only. */
  readonly front: number;
}

/** @param extension of the protocol, as browsers ask for it; none leaves frames as they are. */
export async function measureIdleSockets(
  { product }: Stage,
  extension: typeof DEFLATE | null,
): Promise<void> {
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
  const before = memoryOf(product);
  const sockets: Socket[] = [];
  for (let socket = 0; socket < SOCKETS; socket += 1) sockets.push(await open(socket));
  await sleep(SETTLE_MS);
  const idle = memoryOf(product);
  for (const socket of sockets) socket.destroy();

  console.log(
    `Memory of ${SOCKETS} idle sockets on ${THREADS} threads, ${extension ?? "uncompressed"}`,
  );
  for (const process of ["product", "front"] as const) {
    const [without, withThem] = [before[process], idle[process]];
    const each = (withThem - without) / SOCKETS / 2 ** 10;
    const name = process === "product" ? "the product's workerd" : "wrangler's proxy before it";
    console.log(
      `  ${name.padEnd(48)} ${each.toFixed(1)} KiB a socket (${mebibytes(without)} → ${mebibytes(withThem)})`,
    );
  }
}

function memoryOf({ pid, url }: Stage["product"]): Memory {
  const pids = processTree(pid).join(",");
  const rows = execFileSync("ps", ["-ww", "-o", "rss=,args=", "-p", pids], { encoding: "utf8" });
  const memory = { product: 0, front: 0 };
  for (const row of rows.split("\n").filter((line) => /workerd\S* serve/.test(line))) {
    const process = row.includes(`entry=${new URL(url).host}`) ? "front" : "product";
    memory[process] += Number.parseInt(row, 10) * 1_024;
  }
  return memory;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
