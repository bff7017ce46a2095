/** The official example server, as a process of its own on the loopback. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort } from "../../e2e/product.ts";
import { eventually } from "../../e2e/within.ts";

const PROGRAM = join(
  import.meta.dirname,
  "../node_modules/@modelcontextprotocol/server-everything/dist/index.js",
);

export interface Everything {
  /** Of its endpoint. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts it, on a free port where none is given. @returns once it listens. */
export async function startEverything(given?: number): Promise<Everything & { port: number }> {
  const port = given ?? (await freePort());
  const child = spawn(process.execPath, [PROGRAM, "streamableHttp"], {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = once(child, "exit");
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  await eventually(
    () => output.includes(`listening on port ${port}`) || undefined,
    () => output,
  );
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    port,
    async stop() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}
