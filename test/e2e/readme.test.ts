/** The README's lines do what they say: they are run as they stand. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, inject, onTestFinished, test } from "vitest";
import { blockOf, ROOT } from "../documents/blocks.ts";

const block = (language: string, words: string) => blockOf("README.md", language, words);

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
  const isOver = `Object.values(connection.view.runs).some(({ status }) => status === "completed")`;
  const ending = `\nconst closing = setInterval(() => {
    if (!(${isOver})) return;
    clearInterval(closing);
    connection.close();
  }, 50);`;
  const args = ["--input-type=module-typescript", "--eval", lines + ending];
  const printed = await run(process.execPath, args, {});
  expect(printed.split("\n")).toContain("agent_completed");
});

/** Leaves nothing of what the lines write into the directory that they are run in. */
function removeAfterwards(...names: string[]): void {
  onTestFinished(async () => {
    for (const name of names) await rm(resolve(ROOT, name), { force: true });
  });
}

test("the lines for a log export it, and check that it is as it was logged", async () => {
  removeAfterwards("log.ndjson");
  const lines = block("sh", "# Open a thread.") + block("sh", "verify-log");
  const printed = await run("bash", ["-euo", "pipefail", "-c", lines], {
    APEX: inject("demoUrl"),
  });
  expect(printed).toMatch(/As it was logged: thread \S+, \d+ events, seq 1 to \d+\./);
});

test("the lines for OpenAI's API answer by an API key", async () => {
  const [makeKey] = block("sh", "/api/keys").split("# What there is");
  const lines = `${signIn()}${makeKey}\nAPEX_KEY=$KEY\n${block("sh", "/v1/chat/completions")}`;
  const printed = await run("bash", ["-euo", "pipefail", "-c", lines], {
    APEX: inject("demoUrl"),
  });
  expect(printed).toContain('"object":"chat.completion"');
});

test("the lines for one's data export all of it, and delete the account", async () => {
  removeAfterwards("apex-edge-export.ndjson");
  const lines = `${signIn()}${block("sh", "/api/account/export")}\ncat apex-edge-export.ndjson`;
  const own = lines.replaceAll("ada@example.com", `${randomUUID()}@example.com`);
  const printed = await run("bash", ["-euo", "pipefail", "-c", own], { APEX: inject("demoUrl") });
  expect(printed).toMatch(/"deleted":\{.*"users":1/);
  expect(printed).toMatch(/"kind":"end","lines":\d+/);
});

test("the lines for made-up usage write it into files", async () => {
  const files = ["usage.ndjson", "truth.json", "control.csv"];
  removeAfterwards(...files);
  const lines = `${block("sh", "generate-usage")}\nwc -l ${files.join(" ")}`;
  const printed = await run("bash", ["-euo", "pipefail", "-c", lines], {});
  expect(printed).toMatch(/[1-9]\d{3,} usage\.ndjson/);
  expect(printed).toMatch(/[1-9]\d{3,} control\.csv/);
});
