/** The SDK's examples, run as they stand, with the package as it would be published. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { CreatedApiKey } from "../../../src/protocol/account.ts";
import { HAS_BROWSER, launchBrowser, visit } from "../../e2e/browser.ts";
import { newPerson } from "../../e2e/person.ts";
import { freePort, launch } from "../../e2e/product.ts";
import { eventually } from "../../e2e/within.ts";
import { type Project, projectWithSdk } from "./published-sdk.ts";

const QUESTION = "Where does our money go?";
/** Of the system's Python, whose packages Debian has; in CI they have to be there. */
const PYTHON = "/usr/bin/python3";
const HAS_PYTHON =
  process.env.CI !== undefined || existsSync("/usr/lib/python3/dist-packages/websockets");

const running = new AsyncDisposableStack();
let project: Project;

beforeAll(async () => {
  project = await projectWithSdk();
  running.defer(() => project.remove());
});
afterAll(() => running.disposeAsync());

/** @returns what a program prints, within the time an answer takes. */
async function printed(
  program: string,
  args: readonly string[],
  more: object = {},
): Promise<string> {
  const env = { ...process.env, APEX: inject("demoUrl"), ...more };
  const options = { cwd: project.path, env, timeout: 110_000 };
  return (await promisify(execFile)(program, [...args], options)).stdout;
}

/** @returns an API key that may ask. */
async function newKey(): Promise<string> {
  const person = await newPerson(inject("demoUrl"));
  const scopes = [
    "threads:read",
    "threads:write",
    "runs:read",
    "runs:write",
    "usage:read",
    "tools:*",
  ];
  const answer = await person.request("POST", "/api/keys", {
    name: "Example",
    scopes,
    expires_in_days: 1,
  });
  return CreatedApiKey.parse(await answer.json()).key;
}

/** @returns a call an hour, of ten days. */
function tenDays(): object[] {
  return Array.from({ length: 240 }, (_, index) => ({
    record_id: `call-${index}`,
    ts: Date.now() - (index + 1) * 3_600_000,
    provider: "openai",
    request_model: "gpt-5.4",
    input_tokens: 2_000 + (index % 50) * 10,
    output_tokens: 200,
    feature: "chat",
  }));
}

describe("the package", () => {
  test("holds what it needs, and nothing of its making", () => {
    expect(project.files).toEqual(expect.arrayContaining(["README.md", "index.js", "react.js"]));
    expect(project.files.filter((path) => !/\.(js|js\.map|d\.ts|json|md)$/.test(path))).toEqual([]);
  });

  test("type-checks in a strict project that skips nobody's types", async () => {
    expect(await project.typeCheck()).toBe("");
  });
});

describe("the example for", () => {
  test("Node prints the answer", async () => {
    expect(await printed(process.execPath, ["node.ts", QUESTION])).toMatch(/\$\d/);
  });

  test("Node asks by an API key as well", async () => {
    const answer = await printed(process.execPath, ["node.ts", QUESTION], {
      APEX_KEY: await newKey(),
    });
    expect(answer).toMatch(/\d/);
  });

  test("Workers answers its caller", async () => {
    const port = String(await freePort());
    const settings = ["--var", `APEX:${inject("demoUrl")}`, "--var", `APEX_KEY:${await newKey()}`];
    const worker = launch(
      "wrangler",
      [
        ...["dev", join(project.path, "worker.ts"), "--name", "example", "--ip", "127.0.0.1"],
        ...["--compatibility-date", "2026-08-01", "--port", port, "--inspector-port", "0"],
        ...["--config", join(project.path, "wrangler.json"), ...settings],
      ],
      {},
    );
    running.defer(() => worker.kill());
    const href = `http://127.0.0.1:${port}`;
    await eventually(() => fetch(href).catch(() => undefined), worker.output);
    expect((await fetch(href)).status).toBe(405);
    const answer = await fetch(href, { method: "POST", body: QUESTION });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/\d/);
  });

  test.skipIf(!HAS_BROWSER)("browsers shows the answer as it is written", async () => {
    // A page that no server has sent is a stranger's, which may not speak to this machine.
    const browser = await launchBrowser("--disable-features=LocalNetworkAccessChecks");
    running.defer(() => browser.close());
    const { page, complaints } = await visit(browser, inject("demoUrl"));
    // As if it were served beside the API: its own origin needs no permission.
    await page.route("**/examples/**", async (route) => {
      const { pathname } = new URL(route.request().url());
      const file = pathname.includes("/sdk/")
        ? `node_modules/apex-edge-client/${basename(pathname)}`
        : basename(pathname);
      await route.fulfill({ path: join(project.path, file) });
    });
    await page.goto(`/examples/browser.html?apex=${encodeURIComponent(inject("demoUrl"))}`);
    await page.getByRole("button", { name: "Ask" }).click();
    await page.locator("body[data-status=complete]").waitFor({ timeout: 110_000 });
    expect(await page.locator("output").textContent()).toMatch(/\$\d/);
    expect(complaints).toEqual([]);
  });

  test.skipIf(!HAS_PYTHON).each(["python_http.py", "python_socket.py"])(
    "%s prints the answer",
    async (name) => {
      expect(await printed(PYTHON, [name, QUESTION])).toMatch(/\$\d/);
    },
  );

  test("curl counts the events of a run, and prints its report", async () => {
    // Whom the example signs in: with a little usage of her own, a team answers her in seconds.
    const ada = await newPerson(inject("demoUrl"), "ada@example.com");
    const sent = await ada.request("POST", "/api/usage/records", { records: tenDays() });
    expect(sent.status).toBe(200);
    const text = await printed("bash", [
      "curl.sh",
      "Cut our AI costs by 30 % without hurting latency.",
    ]);
    expect(text).toMatch(/1 event: agent_started/);
    expect(text).toMatch(/1 event: agent_completed/);
    expect(text).toContain("# ");
  });
});

test("every example is named in the SDK's page, and every named one is there", () => {
  const page = readFileSync(resolve(import.meta.dirname, "../../../docs/sdk.md"), "utf8");
  const named = [...page.matchAll(/\(examples\/([\w.]+)\)/g)].map(([, name = ""]) => name);
  expect(new Set(named)).toEqual(
    new Set([
      "browser.html",
      "curl.sh",
      "node.ts",
      "python_http.py",
      "python_socket.py",
      "react.tsx",
      "worker.ts",
    ]),
  );
  for (const name of named) expect(existsSync(join(project.path, name))).toBe(true);
});
