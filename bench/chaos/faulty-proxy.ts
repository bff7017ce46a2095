/** A network that fails by chance: it delays, cuts, and lets one direction fall silent. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { z } from "zod";
import type { Random } from "./random.ts";

/** A silent direction lasts so long, in milliseconds, before the connection is cut too. */
const SILENCE_MS = 2_000;

export interface FaultyProxy {
  readonly url: string;
  /** Connections cut so far, those that fell silent first included. */
  readonly cuts: number;
  readonly silenced: number;
  /** From now on everything passes unhurt, on open connections too. */
  heal(): void;
  close(): Promise<void>;
}

export async function startFaultyProxy(target: string, random: Random): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let healed = false;
  let cuts = 0;
  let silenced = 0;

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const delay = random.next() < 0.3 ? random.between(1, 80) : 0;
    const silences = random.next() < 0.2;
    let budget = random.next() < 0.7 ? random.between(100, 6_000) : Number.POSITIVE_INFINITY;
    let silent = false;
    function end(): void {
      client.destroy();
      upstream.destroy();
    }
    function cut(): void {
      if (client.destroyed) return;
      cuts += 1;
      end();
    }
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("close", () => {
        open.delete(socket);
        end();
      });
      // A connection that breaks is what this proxy is for.
      socket.on("error", end);
    }
    client.on("data", (bytes) => upstream.write(bytes));
    upstream.on("data", (bytes) => {
      // Timers of one length fire in order, so a delay never reorders bytes.
      setTimeout(() => pass(bytes), delay);
    });
    function pass(bytes: Buffer): void {
      if (silent || client.destroyed) return;
      if (healed || bytes.length < budget) {
        budget -= bytes.length;
        return void client.write(bytes);
      }
      silent = true;
      if (silences) {
        silenced += 1;
        setTimeout(cut, SILENCE_MS);
      } else client.write(bytes.subarray(0, Math.max(0, budget)), cut);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = z.object({ port: z.number() }).parse(server.address());

  return {
    url: `http://127.0.0.1:${address.port}`,
    get cuts() {
      return cuts;
    },
    get silenced() {
      return silenced;
    },
    heal() {
      healed = true;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
