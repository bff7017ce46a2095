/** The versions of foreign protocols that doors speak: a change of one is made on purpose, and tried. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";

const Package = z.object({ version: z.string() });

/** @returns the version of a package, as it is installed. */
function versionOf(name: string): string {
  const text = readFileSync(`node_modules/${name}/package.json`).toString("utf8");
  return Package.parse(JSON.parse(text)).version;
}

test.each([
  ["openai", "7.55.0"],
  ["ai", "7.0.173"],
  ["@ai-sdk/openai-compatible", "3.0.92"],
])("%s is the one that its door was proven with", (name, version) => {
  expect(versionOf(name)).toBe(version);
});
