/** A network that fails by chance: it delays, cuts in the middle of a frame, stalls and falls silent. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { drawFate, type Fate, type NetworkFault, type Side } from "./network-faults.ts";
import type { Random } from "./random.ts";

export interface FaultyProxy {
  readonly url: string;
  /** The faults that struck so far. */
  readonly faults: readonly NetworkFault[];
  /** From now on everything passes unhurt; what is silent is cut, and what is stalled goes on. */
  heal(): void;
  close(): Promise<void>;
}

/** @param share of the connections that are hurt; the fate of the n-th depends on nothing else. */
export async function startFaultyProxy(
  target: string,
  random: Random,
  share: number,
): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const faults: NetworkFault[] = [];
  const healing = new AbortController();
  let connections = 0;

  const server = createServer((client) => {
    const fate = drawFate(random.branch(`connection ${connections}`), share);
    connections += 1;
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
      // A connection that breaks is what this proxy is for.
      socket.on("error", () => undefined);
    }
    link(client, upstream, fate, { faults, healed: healing.signal });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = z.object({ port: z.number() }).parse(server.address());

  return {
    url: `http://127.0.0.1:${address.port}`,
    faults,
    heal: () => healing.abort(),
    async close() {
      healing.abort();
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Carries bytes both ways between two sockets, to the end that fate has for them. */
function link(
  client: Socket,
  upstream: Socket,
  { delayMs, fault }: Fate,
  { faults, healed }: { readonly faults: NetworkFault[]; readonly healed: AbortSignal },
): void {
  /** Resolves when the stall is over. */
  let stalled = Promise.resolve();
  const pause = (milliseconds: number) =>
    sleep(milliseconds, undefined, { signal: healed }).catch(() => undefined);
  function cut(): void {
    client.destroy();
    upstream.destroy();
  }

  async function carry(side: Side, from: Socket, to: Socket): Promise<void> {
    let budget = fault?.side === side ? fault.afterBytes : Number.POSITIVE_INFINITY;
    let silent = false;
    for await (const piece of from) {
      const bytes: Buffer = piece;
      if (delayMs > 0) await pause(delayMs);
      await stalled;
      if (silent) continue;
      const strikes = fault !== null && bytes.length > budget && !healed.aborted;
      const part = strikes ? bytes.subarray(0, budget) : bytes;
      await write(to, part);
      budget -= part.length;
      if (!strikes) continue;
      faults.push(fault);
      budget = Number.POSITIVE_INFINITY;
      if (fault.kind === "cut") return cut();
      const over = pause(fault.lastsMs);
      if (fault.kind === "stall") {
        stalled = over;
        await over;
        await write(to, bytes.subarray(part.length));
      } else {
        silent = true;
        void over.then(cut);
      }
    }
    to.end();
  }
  carry("client", client, upstream).catch(cut);
  carry("server", upstream, client).catch(cut);
}

/** Resolves when the bytes have left the process, so that a cut never takes them along. */
function write(to: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    to.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
