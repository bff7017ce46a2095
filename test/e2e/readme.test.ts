/** The README's lines do what they say: they are run as they stand. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const readme = readFileSync(resolve(ROOT, "README.md"), "utf8");

/** @returns the one block of that language that holds the words. */
function block(language: string, words: string): string {
  const found = readme
    .split(/^```/m)
    .filter((_, index) => index % 2 === 1)
    .filter((text) => text.startsWith(`${language}\n`) && text.includes(words));
  expect(found).toHaveLength(1);
  return (found[0] ?? "").slice(language.length);
}

async function run(program: string, args: string[], env: Record<string, string>): Promise<string> {
  const options = { cwd: ROOT, env: { ...process.env, ...env }, timeout: 45_000 };
  return (await promisify(execFile)(program, args, options)).stdout;
}

test("the lines for curl sign in, follow a run to its end, and find it in the history", async () => {
  const lines = block("sh", "# Open a thread.");
  const printed = await run("bash", ["-euo", "pipefail", "-c", lines], {
    APEX: inject("demoUrl"),
  });
  for (const type of ["agent_started", "agent_thinking", "tool_executing", "tool_completed"]) {
    expect(printed).toContain(`event: ${type}\n`);
  }
  expect(printed).toContain('"status":"completed"');
  expect(printed).toContain('"content":"And by team?"');
});

/** The lines that sign in, which the others stand on. */
const signIn = () => block("sh", "# Open a thread.").split("# Open a thread.")[0];

test("the lines for API keys make one, use it, and find it refused once it is revoked", async () => {
  const printed = await run(
    "bash",
    ["-euo", "pipefail", "-c", signIn() + block("sh", "/api/keys")],
    {
      APEX: inject("demoUrl"),
    },
  );
  expect(printed).toContain('"title":"Nightly report"');
  expect(printed).toContain('"start":"apx_key_');
  expect(printed).toContain('"code":"token_invalid"');
});

test("the lines for teams make one, and have somebody join it", async () => {
  const printed = await run(
    "bash",
    ["-euo", "pipefail", "-c", signIn() + block("sh", "/api/organization")],
    { APEX: inject("demoUrl") },
  );
  expect(printed).toContain('"name":"Platform"');
  expect(printed).toMatch(/"email":"grace-\d+@example.com".*"role":"member"/);
});

test("the lines for usage try a file, import it once, map a table, and take an import back", async () => {
  const printed = await run(
    "bash",
    ["-euo", "pipefail", "-c", signIn() + block("sh", "spend-logs")],
    {
      APEX: inject("demoUrl"),
    },
  );
  expect(printed).toContain('"dry_run":true,"format":"litellm"');
  expect(printed).toContain("event: import_completed\n");
  expect(printed).toContain("1 row of csv: 1 record to store");
  expect(printed).toMatch(/"rows":1,"stored":[01],"known":[01]/);
});

test("the lines for TypeScript print the events of a run", async () => {
  const lines = block("ts", "new ApexClient").replace("http://127.0.0.1:8787", inject("demoUrl"));
  const ending = `\nsetTimeout(() => connection.close(), 5_000);`;
  const args = ["--input-type=module-typescript", "--eval", lines + ending];
  const printed = await run(process.execPath, args, {});
  expect(printed.split("\n")).toContain("agent_completed");
});

test("every path it names is there, and every command is one of the project's", () => {
  const named = [...readme.matchAll(/`((?:src|test|bench|scripts|migrations)\/[\w./-]+)`/g)];
  expect(named.length).toBeGreaterThan(20);
  for (const [, path = ""] of named)
    expect([path, existsSync(resolve(ROOT, path))]).toEqual([path, true]);
  const { scripts } = JSON.parse(readFileSync(resolve(ROOT, "package.json"), "utf8"));
  for (const [, command = ""] of readme.matchAll(/`npm run (?:-s )?([\w:-]+)/g)) {
    expect(Object.keys(scripts)).toContain(command);
  }
});
