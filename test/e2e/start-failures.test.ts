/** A start that can't succeed says why in a sentence a user can act on, and leaves nothing behind. */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  type Attempt,
  attemptStart,
  freePort,
  type Settings,
  temporaryState,
  WITHOUT_USAGE,
} from "./product.ts";

let state: Awaited<ReturnType<typeof temporaryState>>;
let attempt: Attempt | undefined;

beforeAll(async () => {
  state = await temporaryState();
});

afterEach(() => attempt?.kill());

afterAll(() => state.remove());

/** @returns all it printed, once it has ended with exit code 1 by itself. */
async function failedStart(settings: Settings): Promise<string> {
  attempt = attemptStart({ ...WITHOUT_USAGE, STATE_DIR: state.path, ...settings });
  expect(await attempt.exited, attempt.output()).toBe(1);
  return attempt.output();
}

test("A port that is in use is named, and another one suggested", async () => {
  const port = await freePort();
  const taken = createServer().listen(port, "127.0.0.1");
  await once(taken, "listening");
  try {
    const output = await failedStart({ PORT: String(port) });

    expect(output).toContain(`Port ${port} is in use`);
    expect(output).toContain(`PORT=${port + 1}`);
    expect(output).not.toContain("    at ");
  } finally {
    taken.close();
  }
});

test.each(["abc", "65536"])("PORT=%s is refused by name", async (port) => {
  const output = await failedStart({ PORT: port });

  expect(output.trim()).toBe(`PORT must be a number from 1 to 65535, not "${port}".`);
});

test("SAMPLE_DATA is refused by name", async () => {
  const output = await failedStart({ PORT: String(await freePort()), SAMPLE_DATA: "some" });

  expect(output.trim()).toBe('SAMPLE_DATA must be company, small or none, not "some".');
});

test("A STATE_DIR that can't be a directory is named", async () => {
  const file = join(state.path, "a-file");
  await writeFile(file, "");
  const output = await failedStart({ PORT: String(await freePort()), STATE_DIR: `${file}/state` });

  expect(output.trim()).toBe(
    `STATE_DIR must be a directory that can be written to, not ${file}/state.`,
  );
});

test("Every fault of a configuration is named at once, no secret is told, and nothing keeps running", async () => {
  const port = await freePort();
  const output = await failedStart({
    PORT: String(port),
    JWT_SECRET: "too-short-a-secret",
    OPENAI_BASE_URL: "not a URL",
    MODEL_PROVIDER: "openai",
  });

  const told = output.trim().split("\n").at(-1);
  expect(told).toContain("JWT_SECRET: must be at least 32 characters");
  expect(told).toContain("OPENAI_BASE_URL: must be an http or https URL");
  expect(told).toContain("OPENAI_API_KEY: must be set where MODEL_PROVIDER is openai");
  expect(output).not.toContain("ready at");
  expect(output).not.toContain("too-short-a-secret");
  await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
});
