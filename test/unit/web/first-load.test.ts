/** What a first visit loads, told from the page as it is built: no browser, so it is always run. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

/** Of compressed script and style, in bytes: as `test/e2e/page/budgets.test.ts` has it of Chromium. */
const SCRIPTS = 200_000;
const STYLES = 30_000;
/** Each is a way to the server and back before there is something to see. */
const MOST_FILES = 25;
const ROOT = join(import.meta.dirname, "../../..");

const Chunk = z.object({
  file: z.string(),
  css: z.array(z.string()).default([]),
  imports: z.array(z.string()).default([]),
});
const Manifest = z.record(z.string(), Chunk);

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "apex-edge-page-"));
  const built = ["vite", "build", "--config", "src/web/vite.config.ts", "--outDir", directory];
  // The test runner's own mode would build React for development.
  const env = { ...process.env, NODE_ENV: "production" };
  execFileSync("npx", [...built, "--manifest", "--logLevel", "error"], { cwd: ROOT, env });
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function read(path: string): Buffer {
  return readFileSync(join(directory, path));
}

test("little is loaded before there is something to see, and nothing that only other views need", () => {
  const manifest = new Map(
    Object.entries(Manifest.parse(JSON.parse(String(read(".vite/manifest.json"))))),
  );
  const found = new Set<string>();
  const styles = new Set<string>();
  const follow = (name: string) => {
    const { file, css, imports } = Chunk.parse(manifest.get(name));
    if (found.has(file)) return;
    found.add(file);
    for (const each of css) styles.add(each);
    for (const each of imports) follow(each);
  };
  follow("index.html");
  const weigh = (files: Iterable<string>) =>
    [...files].reduce((sum, file) => sum + gzipSync(read(file)).length, 0);

  expect(weigh(found)).toBeGreaterThan(50_000);
  expect(weigh(found)).toBeLessThan(SCRIPTS);
  expect(weigh(styles)).toBeGreaterThan(1_000);
  expect(weigh(styles)).toBeLessThan(STYLES);
  expect(found.size + styles.size).toBeLessThan(MOST_FILES);
  expect([...found, ...styles].join()).not.toMatch(
    /settings|usage|operator|runbooks|shared|developer-panel|chart|docs|parse-input/,
  );
});
