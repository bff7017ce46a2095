/**
 * The worker as `wrangler dev` serves it, without the proxy that wrangler puts before it: that one
 * lets go of a connection to the worker at the very time at which the worker does, 5 s after its last
 * use, and answers a request that falls between with a plain 500 of its own; and it ends, with
 * everybody's connections, where a client hangs up in the middle of a body. Here the bytes of
 * each connection lead to the worker as they come, and one that rests is kept for the client, as on the
 * platform. The worker sees every client at this machine's own address.
 *
 * @see https://github.com/cloudflare/workers-sdk/issues/14641 and /issues/4562
 */
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { unstable_DevEnv as DevelopmentEnvironment } from "wrangler";
import * as z from "zod";
import { HttpExchanges } from "./http-exchanges.ts";

/** Where the worker listens: it moves with each change of its code. */
const Reloaded = z.object({
  proxyData: z.object({
    userWorkerUrl: z.object({ hostname: z.string(), port: z.coerce.number() }),
  }),
});
type Address = z.infer<typeof Reloaded>["proxyData"]["userWorkerUrl"];
const Fault = z.object({ reason: z.string(), cause: z.object({ message: z.string() }) });

/** How long the worker may be away, as it is while its code is changed, before it is taken for gone. */
const AWAY_MS = 5_000;
const RETRY_MS = 100;

const { values: options } = parseArgs({
  options: {
    ip: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "8787" },
    /** Used in place of the entry point and assets that wrangler.toml names. */
    entrypoint: { type: "string", default: "" },
    assets: { type: "string", default: "" },
    "persist-to": { type: "string", default: ".wrangler/state" },
    "env-file": { type: "string", default: "" },
  },
});

const environment = new DevelopmentEnvironment();
const served = Promise.withResolvers<void>();
let worker: Address = { hostname: "127.0.0.1", port: 0 };

environment.on("error", end);
environment.on("reloadComplete", (event: unknown) => {
  worker = Reloaded.parse(event).proxyData.userWorkerUrl;
  served.resolve();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void environment.teardown().finally(() => process.exit(0)));
}

// Before the worker is there: nobody else is to take the port meanwhile, and who comes early waits.
createServer({ allowHalfOpen: true, noDelay: true }, (client) => void serve(client))
  .on("error", end)
  .listen(Number(options.port), options.ip);

try {
  await environment.startWorker({
    config: "wrangler.toml",
    ...(options.entrypoint && { entrypoint: options.entrypoint }),
    envFiles: [options["env-file"]],
    assets: options.assets,
    dev: {
      server: { hostname: "127.0.0.1", port: 0 },
      inspector: { port: 0 },
      persist: options["persist-to"],
    },
  });
} catch (error) {
  end(error);
}

/**
 * Serves a client by one connection to the worker after another, each let go of once all is answered.
 * The worker closes one that rests for 5 s, also where the next request has come and it was too busy to
 * read it: that one would be lost.
 */
async function serve(client: Socket): Promise<void> {
  client.on("error", () => client.destroy());
  while (!client.destroyed) {
    await passOn(client, await connected());
    if (!client.destroyed) await stirs(client);
  }
}

/** Waits for a client to send something, or to go. */
function stirs(client: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  client.once("readable", resolve).once("close", resolve);
  return promise.finally(() => client.off("readable", resolve).off("close", resolve));
}

/** Passes on all bytes, both ways, until either side is gone, which ends both, or the connection rests. */
async function passOn(client: Socket, upstream: Socket): Promise<void> {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const exchanges = new HttpExchanges();
  const asks = (bytes: Buffer) => exchanges.request(bytes);
  const goes = () => upstream.destroy();
  client.on("data", asks).on("close", goes);
  upstream
    .on("data", (bytes: Buffer) => {
      exchanges.answer(bytes);
      if (exchanges.areAtRest) leave();
    })
    .on("error", goes)
    .on("close", () => {
      client.destroy();
      leave();
    });
  if (client.destroyed) upstream.destroy();
  client.pipe(upstream).pipe(client);
  await left;
  client.unpipe(upstream).off("data", asks).off("close", goes);
  upstream.unpipe(client).removeAllListeners("close").destroy();
}

/** @returns a connection to the worker. If there can be none, the server ends. */
async function connected(): Promise<Socket> {
  await served.promise;
  const deadline = Date.now() + AWAY_MS;
  while (Date.now() < deadline) {
    const upstream = await dial(worker);
    if (upstream !== undefined) return upstream;
    await sleep(RETRY_MS);
  }
  return end("The worker does not answer any more.");
}

/** @returns undefined if nobody listens. */
function dial({ hostname, port }: Address): Promise<Socket | undefined> {
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  const upstream = connect({ host: hostname, port, allowHalfOpen: true, noDelay: true });
  upstream.once("connect", () => resolve(upstream));
  upstream.once("error", () => resolve(undefined));
  return promise;
}

/** Ends with the reason. Whoever started this process may start it again. */
function end(event: unknown): never {
  const fault = Fault.safeParse(event);
  console.error(fault.success ? `${fault.data.reason}: ${fault.data.cause.message}` : event);
  process.exit(1);
}
