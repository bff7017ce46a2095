/** Many connections in a short time: how long each takes, whether all come up, and what memory they hold. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Bench, ofEach } from "../bench.ts";
import type { Contender, Name } from "../contender.ts";
import { type Line, openLine } from "../line.ts";

/** Over so many conversations. */
const CONVERSATIONS = 10;
const KIBIBYTE = 1_024;
/** Of those that are opened first, one after the other and closed again: a heap that has grown stays so. */
const WARMUP_SHARE = 0.5;

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
  await ofEach(bench, async ({ name, url }) => {
    for (let index = 0; index < extent.connections * WARMUP_SHARE; index += 1) {
      (await openLine(url, newChat(name, index))).close();
    }
  });
  await settle();
  const before = await ofEach(bench, async ({ worker }) => worker.residentBytes());
  const lines = await ofEach(bench, async (contender) => {
    const open = await openAll(contender);
    const more = contender.worker.residentBytes() - before[contender.name];
    samples.note("memoryAwake", contender.name, more / open.length / KIBIBYTE);
    return open;
  });
  await settle();
  for (const { name, worker } of Object.values(bench.contenders)) {
    const more = worker.residentBytes() - before[name];
    samples.note("memoryAsleep", name, more / lines[name].length / KIBIBYTE);
    for (const line of lines[name]) line.close();
  }

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
