/** The official conformance suites of MCP, run against a worker of the door's own code and nothing of the product. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { freePort, launch } from "../../e2e/product.ts";
import { eventually } from "../../e2e/within.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const PROGRAMS = join(ROOT, "test/doors/node_modules");
const FIXTURE = "test/doors/mcp/fixture/wrangler.toml";

/** A release of the suite for each revision that is spoken, with all it is told. */
const SUITES = {
  "2025-11-25": ["@modelcontextprotocol/conformance"],
  "2026-07-28": ["conformance-next", "--requirements", "2026-07-28"],
} as const;
export type Revision = keyof typeof SUITES;
export const REVISIONS: readonly Revision[] = ["2025-11-25", "2026-07-28"];

export interface Fixture {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the worker. @returns where it is, once it serves. */
export async function startFixture(): Promise<Fixture> {
  const port = String(await freePort());
  const options = ["--config", FIXTURE, "--port", port, "--inspector-port", "0"];
  const server = launch("wrangler", ["dev", ...options], {});
  await eventually(
    () => (server.output().includes("Ready on") ? true : undefined),
    () => server.output(),
  );
  return { url: `http://localhost:${port}/mcp`, stop: () => server.kill() };
}

/**
 * Runs the suite of a revision. What is not claimed has to fail in it, so that a claim that comes to be true is made.
 * @returns its exit code, which is 0 where all that is claimed holds, and all it printed.
 */
export async function conformance(url: string, revision: Revision) {
  const [release, ...options] = SUITES[revision];
  const unclaimed = join(import.meta.dirname, `unclaimed-${revision}.yml`);
  const args = ["server", "--url", url, ...options, "--expected-failures", unclaimed];
  const child = spawn(process.execPath, [join(PROGRAMS, release, "dist/index.js"), ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      printed += text;
    });
  }
  const [code] = await once(child, "close");
  return { code, printed };
}
