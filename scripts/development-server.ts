/**
 * The worker as `wrangler dev` serves it, but for one thing: a request that its proxy loses ends that
 * request alone. Wrangler's own command ends with it, and takes everybody's connections along, where
 * a single client hangs up in the middle of a body.
 */
import { parseArgs } from "node:util";
import { unstable_DevEnv as DevelopmentEnvironment } from "wrangler";
import * as z from "zod";

/** What a request that was lost between the proxy and the worker is told as. */
const LostRequest = z.object({
  source: z.literal("ProxyController"),
  reason: z.literal("Error inside ProxyWorker"),
});
const Fault = z.object({ reason: z.string(), cause: z.object({ message: z.string() }) });

/** How often the worker is asked after a lost request, and for how long each time, before it is taken for gone. */
const TRIES = 3;
const ANSWER_DEADLINE_MS = 10_000;

const { values: options } = parseArgs({
  options: {
    ip: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "8787" },
    assets: { type: "string", default: "" },
    "persist-to": { type: "string", default: ".wrangler/state" },
    "env-file": { type: "string", default: "" },
  },
});
const address = `http://127.0.0.1:${options.port}`;

const environment = new DevelopmentEnvironment();
let isAsking = false;

environment.on("error", (event: unknown) => {
  if (!LostRequest.safeParse(event).success) return end(event);
  // Many are lost at once where the worker itself is gone, and what asks is lost then too.
  if (isAsking) return;
  isAsking = true;
  void endUnlessAlive().finally(() => {
    isAsking = false;
  });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void environment.teardown().finally(() => process.exit(0)));
}

try {
  await environment.startWorker({
    config: "wrangler.toml",
    envFiles: [options["env-file"]],
    assets: options.assets,
    dev: {
      server: { hostname: options.ip, port: Number(options.port) },
      inspector: { port: 0 },
      persist: options["persist-to"],
    },
  });
} catch (error) {
  end(error);
}

async function endUnlessAlive(): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (await answers()) return;
  }
  end("The worker does not answer any more.");
}

/** @returns whether the worker says anything of its health; the proxy, in its place, has no JSON to say. */
async function answers(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
    const { headers } = await fetch(`${address}/health`, { signal });
    return headers.get("content-type")?.includes("json") ?? false;
  } catch {
    return false;
  }
}

/** Ends with the reason; whoever started this may start it again. */
function end(event: unknown): void {
  const fault = Fault.safeParse(event);
  console.error(fault.success ? `${fault.data.reason}: ${fault.data.cause.message}` : event);
  process.exit(1);
}
