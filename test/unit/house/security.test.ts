/** The threat model stays true: what it names, as code that answers a threat or as its proof, is there. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const MODEL = readFileSync(join(ROOT, "docs/security.md"), "utf8");
const PATH = /`((?:src|test|bench|scripts|migrations|docs)\/[\w./-]+)`/g;

const named = [...new Set([...MODEL.matchAll(PATH)].map(([, path = ""]) => path))];

test("every path that the threat model names is there", () => {
  const absent = named.filter((path) => !existsSync(join(ROOT, path)));

  expect(named.length).toBeGreaterThan(50);
  expect(absent).toEqual([]);
});

test("every threat names the code that answers it, and the test that proves it", () => {
  const threats = MODEL.split("\n").filter((line) => /^\| [STRIDE] \|/.test(line));

  expect(threats.length).toBeGreaterThan(25);
  for (const threat of threats) {
    const [, , , answer = "", proof = ""] = threat.split("|");
    expect([threat, /`src\/|Cache-Control|documented/.test(answer)]).toEqual([threat, true]);
    expect([threat, /`test\//.test(proof)]).toEqual([threat, true]);
  }
});
