/** Many connections in a short time: how long each takes, whether all come up, and what memory they hold. */
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { holdSocket, letGo } from "../../held-socket.ts";
import { isolatesOf } from "../../isolates.ts";
import { type Bench, ofEach } from "../bench.ts";
import type { Contender, Name } from "../contender.ts";
import type { Sampled } from "../figures.ts";
import { type Line, openLine } from "../line.ts";

/** Over so many conversations. */
const CONVERSATIONS = 10;
const KIBIBYTE = 1_024;
/** Of those that are opened first, one after the other and closed again: a heap that has grown stays so. */
const WARMUP_SHARE = 0.5;
/** After so many connections garbage is collected: what each leaves behind would stand for what it holds. */
const COLLECT_EVERY = 50;
/** Until the contenders have noticed that sockets are gone, in milliseconds. */
const GONE_MS = 2_000;

export async function measureConnections(bench: Bench): Promise<void> {
  const { samples, extent } = bench;
  const settle = () => sleep(extent.settleSeconds * 1_000);
  const conversations = await ofEach(bench, (contender) =>
    Promise.all(Array.from({ length: CONVERSATIONS }, () => contender.begin())),
  );
  const newChat = (name: Name, index: number) => {
    const conversation = conversations[name][index % CONVERSATIONS];
    if (conversation === undefined) throw new Error("There are no conversations.");
    return conversation.newChat();
  };
  const hold = (of: Contender, index: number) => {
    const { path, protocols } = newChat(of.name, index).dial();
    const offered = protocols.length > 0 && { "sec-websocket-protocol": protocols.join(", ") };
    return holdSocket(`${of.url}${path}`, { ...offered });
  };
  const isolates = await ofEach(bench, ({ worker, url }) => isolatesOf(worker, url));
  const collected = async ({ name, worker }: Contender) => {
    await isolates[name].collect();
    return worker.residentBytes();
  };
  const noteGrowth = async (of: Sampled, contender: Contender) => {
    const { name } = contender;
    const more = (await collected(contender)) - before[name];
    samples.note(of, name, more / extent.connections / KIBIBYTE);
  };

  await ofEach(bench, async (contender) => {
    for (let index = 0; index < extent.connections * WARMUP_SHARE; index += 1) {
      letGo(await hold(contender, index));
      if (index % COLLECT_EVERY === 0) await collected(contender);
    }
  });
  await settle();
  const before = await ofEach(bench, collected);
  const held = await ofEach(bench, async (contender) => {
    const sockets: Socket[] = [];
    while (sockets.length < extent.connections) {
      sockets.push(await hold(contender, sockets.length));
      if (sockets.length % COLLECT_EVERY === 0) await collected(contender);
    }
    await noteGrowth("memoryAwake", contender);
    return sockets;
  });
  await settle();
  await ofEach(bench, (contender) => noteGrowth("memoryAsleep", contender));
  for (const socket of Object.values(held).flat()) letGo(socket);
  await sleep(GONE_MS);
  await ofEach(bench, async (contender) => {
    const lines = await openAll(contender);
    await noteGrowth("memoryDeflated", contender);
    for (const line of lines) line.close();
  });

  /** Dials on an even beat, whether or not those before are up. */
  async function openAll({ name, url }: Contender): Promise<Line[]> {
    const beatMs = (extent.connectSeconds * 1_000) / extent.connections;
    const begun = performance.now();
    const dialled = Array.from({ length: extent.connections }, async (_, index) => {
      await sleep(Math.max(0, begun + index * beatMs - performance.now()));
      return await openLine(url, newChat(name, index));
    });
    const settled = await Promise.allSettled(dialled);
    const open = settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    for (const { readyMs } of open) samples.note("connect", name, readyMs);
    samples.note("connectFailed", name, settled.length - open.length);
    return open;
  }
}
