/** What becomes of a deployment that goes wrong half way: nobody is left with what was not looked at. */
import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { z } from "zod";
import { ServerStatus } from "../../src/protocol/discovery.ts";
import { type Answer, type Checkout, newCheckout, serving, WELL } from "./made-up-platform.ts";

const ENV = ["--env", "production"];
const ROLLBACK = "wrangler rollback";
/** What the platform says of a deployment that it made. */
const MADE: Answer = { text: "Current Version ID: version-new" };

let checkout: Checkout;
/** The live address: it tells the versions one after the other, of which the last stays, and can do nothing else. */
let live: Server;
let url: string;
let versions: string[];
let heard: string[];
/** Interrupted as soon as it is looked at what it deployed. */
let interrupted: number | null;
let status: ServerStatus;
beforeEach(async () => {
  checkout = await newCheckout();
  versions = ["version-new"];
  heard = [];
  interrupted = null;
  status = ServerStatus.parse(await (await fetch(`${inject("demoUrl")}/api/status`)).json());
  live = createServer(({ url: path = "" }, answer) => {
    heard.push(path);
    if (interrupted !== null && path === "/health") process.kill(interrupted, "SIGINT");
    const [version] = versions.length > 1 ? versions.splice(0, 1) : versions;
    if (path !== "/api/status") answer.end("Welcome to nginx!");
    else answer.end(JSON.stringify({ ...status, code_version: version }));
  });
  await new Promise<void>((resolve) => live.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${z.object({ port: z.number() }).parse(live.address()).port}`;
});
afterEach(async () => {
  live.closeAllConnections();
  await new Promise((resolve) => live.close(resolve));
  await checkout.remove();
});

const deploy = (args: readonly string[], deployed: Answer, ...served: readonly string[]) =>
  checkout.run("deploy.ts", [...ENV, ...args], {
    ...WELL,
    "wrangler deployments status": served.map(serving),
    "wrangler deploy ": deployed,
  });

test("a deployment that failed and serves all the same is taken back", async () => {
  const failed = { code: 1, text: "A route could not be set." };
  const { code, output, asked } = await deploy(["--url", url], failed, "version-before", "other");
  expect(output).toContain("Taken back: version version-before serves again.");
  expect(code).toBe(1);
  expect(asked.at(-1)).toMatch(/^wrangler rollback version-before /);
});

test("a deployment that failed before it served changed nothing", async () => {
  const failed = { code: 1, text: "The script is too large." };
  const { output, asked } = await deploy(["--url", url], failed, "version-before");
  expect(output).toContain("The deployment failed: what served before serves on.");
  expect(asked.some((line) => line.startsWith(ROLLBACK))).toBe(false);
});

test("a version that somebody else brought meanwhile is not taken back", async () => {
  const versionsServed = ["version-before", "version-of-another"];
  const { code, output, asked } = await deploy(["--url", url], MADE, ...versionsServed);
  expect(output).toContain("version version-of-another serves by now");
  expect(code).toBe(1);
  expect(asked.some((line) => line.startsWith(ROLLBACK))).toBe(false);
});

test("nothing is looked at before the address serves what was deployed", async () => {
  versions = ["version-before", "version-before", "version-new"];
  const { output } = await deploy(["--url", url], MADE, "version-before", "version-new");
  expect(output).toContain("Taken back: version version-before serves again.");
  expect(heard.slice(0, 4)).toEqual(["/api/status", "/api/status", "/api/status", "/health"]);
});

test("a deployment that is interrupted does not leave what nobody looked at", async () => {
  const answers = {
    ...WELL,
    "wrangler deploy ": MADE,
    "wrangler deployments status": [serving("version-before"), serving("version-new")],
  };
  const { output, asked } = await checkout.run(
    "deploy.ts",
    [...ENV, "--url", url],
    answers,
    (pid) => {
      interrupted = pid;
    },
  );
  expect(output).toContain("Taken back: version version-before serves again.");
  expect(asked.at(-1)).toMatch(/^wrangler rollback version-before /);
});

test("what does not do all it must stays where that is asked for, and how it goes is said", async () => {
  const { code, output, asked } = await deploy(["--url", url, "--keep"], MADE, "version-before");
  expect(output).toContain("It stays");
  expect(output).toContain("npx wrangler rollback version-before --env production");
  expect(code).toBe(1);
  expect(asked.some((line) => line.startsWith(ROLLBACK))).toBe(false);
});

test("the command that is left to be given by hand can be given as it stands", async () => {
  const { output } = await checkout.run("deploy.ts", [...ENV, "--url", url], {
    ...WELL,
    "wrangler deploy ": MADE,
    "wrangler deployments status": [serving("version-before"), serving("version-new")],
    [ROLLBACK]: { code: 1, text: "Cannot roll back past a migration of objects." },
  });
  expect(output).toContain("npx wrangler rollback version-before --env production");
});

test.each(["apex.example.com", "localhost:8787", "ftp://apex.example.com"])(
  "nothing is begun for an address that is none: %s",
  async (address) => {
    const { code, output, asked } = await checkout.run("deploy.ts", [...ENV, "--url", address]);
    expect(code).toBe(2);
    expect(output).toContain("https://");
    expect(asked).toEqual([""]);
  },
);
