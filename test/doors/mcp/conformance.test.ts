/** The official conformance suite, against a worker of the door's own code: all that the door claims to do. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Attempt, freePort, launch } from "../../e2e/product.ts";
import { eventually } from "../../e2e/within.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const PROGRAMS = join(ROOT, "test/doors/node_modules");
const FIXTURE = "test/doors/mcp/fixture/wrangler.toml";

let url: string;
let server: Attempt;

beforeAll(async () => {
  const port = await freePort();
  url = `http://localhost:${port}/mcp`;
  const options = ["--config", FIXTURE, "--port", String(port), "--inspector-port", "0"];
  server = launch("wrangler", ["dev", ...options], {});
  await eventually(
    () => (server.output().includes("Ready on") ? true : undefined),
    () => server.output(),
  );
});

afterAll(async () => {
  await server.kill();
});

/** Runs a release of the suite. @returns its exit code and all it printed. */
async function conformance(release: string, args: readonly string[]) {
  const program = join(PROGRAMS, release, "dist/index.js");
  const child = spawn(process.execPath, [program, "server", "--url", url, ...args], {
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

/** What is not claimed: it has to fail, so that a claim that comes to be true is made. */
function unclaimed(revision: string): string {
  return join(import.meta.dirname, `unclaimed-${revision}.yml`);
}

it("fails in nothing of revision 2025-11-25 that the door claims", async () => {
  const { code, printed } = await conformance("@modelcontextprotocol/conformance", [
    "--expected-failures",
    unclaimed("2025-11-25"),
  ]);

  expect(printed).toMatch(/Total: 23 passed, 9 failed/);
  expect(code, printed).toBe(0);
});

it("fails in nothing of revision 2026-07-28 that the door claims", async () => {
  const { code, printed } = await conformance("conformance-next", [
    "--requirements",
    "2026-07-28",
    "--expected-failures",
    unclaimed("2026-07-28"),
  ]);

  // The four are not testable: they ask for tools that ask clients, or keep a log for them.
  expect(printed).toMatch(/server-stateless: 24 passed, 4 failed/);
  expect(printed).toMatch(/Total: 128 passed, 50 failed/);
  expect(code, printed).toBe(0);
});
