/** A network that fails: it passes everything on, but cuts each WebSocket after so many bytes. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { z } from "zod";

export interface CuttingProxy {
  readonly url: string;
  /** How often it has cut a connection so far. */
  readonly cuts: number;
  /** Cuts every connection that is open now. */
  cutAll(): void;
  close(): Promise<void>;
}

/** Cuts the n-th WebSocket after the n-th number of bytes from the server; later ones live. */
export async function startCuttingProxy(
  target: string,
  budgets: readonly number[],
): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const left = [...budgets];
  const open = new Set<Socket>();
  let cuts = 0;

  function cutAll(): void {
    for (const socket of open) socket.destroy();
  }

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let budget = Number.POSITIVE_INFINITY;
    function cut(): void {
      client.destroy();
      upstream.destroy();
    }
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("close", () => {
        open.delete(socket);
        cut();
      });
      // A connection that breaks is what this proxy is for.
      socket.on("error", cut);
    }
    client.on("data", (bytes) => {
      if (/^upgrade: websocket\r$/im.test(bytes.toString("latin1"))) {
        budget = left.shift() ?? Number.POSITIVE_INFINITY;
      }
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      const part = bytes.subarray(0, budget);
      budget -= part.length;
      if (budget > 0) return void client.write(part);
      cuts += 1;
      client.end(part, cut);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = z.object({ port: z.number() }).parse(server.address());

  return {
    url: `http://127.0.0.1:${address.port}`,
    get cuts() {
      return cuts;
    },
    cutAll,
    async close() {
      cutAll();
      server.close();
      await once(server, "close");
    },
  };
}
