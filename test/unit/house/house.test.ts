/** Holds the source to the house rules, and the rules to what they promise to catch. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findBreaches, GOOD_LINES, lineCount, MOST_LINES } from "./rules.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SOURCES = "src/**/*.{ts,tsx}";
const OTHERS = "{test,scripts,bench}/**/*.{ts,tsx}";

function read(pattern: string): Map<string, string> {
  const paths = globSync(pattern, { cwd: ROOT }).filter(
    (path) => path !== "src/bindings.d.ts" && !path.includes("/node_modules/"),
  );
  return new Map(paths.toSorted().map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
}

/** A house of the given files, each with its opening sentence. */
function house(files: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(files).map(([path, text]) => [path, `/** A file. */\n${text}\n`]));
}

const LEAF = "export const leaf = 1;";

describe("the rules catch", () => {
  test.each([
    ["an import of a higher floor", "src/core/a.ts", "src/store/b.ts", "core may not import store"],
    ["a sideways import", "src/models/a.ts", "src/usage/b.ts", "models may not import usage"],
    [
      "the way back of an exception",
      "src/usage/a.ts",
      "src/tools/b.ts",
      "usage may not import tools",
    ],
    [
      "a leaf that reads the configuration",
      "src/auth/a.ts",
      "src/env.ts",
      "auth may not import env",
    ],
    ["a page that knows the server", "src/web/a.tsx", "src/core/b.ts", "web may not import core"],
    [
      "an SDK that knows the server",
      "src/client/a.ts",
      "src/http/b.ts",
      "client may not import http",
    ],
    ["a room nobody knows", "src/attic/a.ts", "src/protocol/b.ts", "attic has no floor"],
  ])("%s", (_name, from, to, breach) => {
    const files = house({ [from]: `import { leaf } from "../../${to}";\n${LEAF}`, [to]: LEAF });
    expect(findBreaches(files)).toEqual([expect.stringContaining(breach)]);
  });

  test.each([
    `import type { leaf as other } from "../store/b.ts";`,
    `import "../store/b.ts";`,
    `export { leaf as other } from "../store/b.ts";`,
    `export * from "../store/b.ts";`,
    `export const load = () => import("../store/b.ts");`,
  ])("a forbidden import however it is written: %s", (text) => {
    const files = house({ "src/core/a.ts": `${text}\n${LEAF}`, "src/store/b.ts": LEAF });
    expect(findBreaches(files)).toEqual([expect.stringContaining("core may not import store")]);
  });

  test.each([
    ["openai", "src/http/a.ts", "belongs to models"],
    ["hono/cors", "src/thread/a.ts", "belongs to http"],
    ["drizzle-orm/d1", "src/usage/a.ts", "belongs to store"],
    ["cloudflare:workers", "src/http/a.ts", "belongs to account and durable and thread and index"],
    ["node:fs", "src/auth/a.ts", "belongs to terminal"],
    ["node:crypto", "src/core/a.ts", "belongs to auth and terminal"],
    ["left-pad", "src/core/a.ts", "a vendor without a room"],
    ["zodiac", "src/core/a.ts", "a vendor without a room"],
  ])("the vendor %s in %s", (vendor, path, breach) => {
    const files = house({ [path]: `import "${vendor}";\n${LEAF}` });
    expect(findBreaches(files)).toEqual([expect.stringContaining(breach)]);
  });

  test("a circle of files, also inside one room and of types alone", () => {
    const files = house({
      "src/core/a.ts": `import "./b.ts";\n${LEAF}`,
      "src/core/b.ts": `import type { leaf as c } from "./c.ts";\n${LEAF}`,
      "src/core/c.ts": `import "./a.ts";\n${LEAF}`,
    });
    const circle = "src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts is a circle";
    expect(findBreaches(files)).toEqual([circle]);
  });

  test.each([
    ["made without who may call it", `createRoute({ method: "get", path: "/api/all" });`],
    ["mounted past the document", `router.get("/api/all", (c) => c.json(everything));`],
    ["mounted for every method", `app.all("/api/*", (c) => c.json(everything));`],
    ["mounted over several lines", `router.on(\n  ["/api/all"], everything);`],
  ])("a route %s", (_name, text) => {
    const files = house({ "src/http/a.ts": `${text}\n${LEAF}` });
    expect(findBreaches(files)).toEqual([expect.stringContaining("who may call it")]);
  });

  test("a tool that says nothing of who may have it called", () => {
    const text = `export const tool = defineTool({ name: "all", readOnly: true });`;
    expect(findBreaches(house({ "src/tools/a.ts": text }))).toEqual([
      "src/tools/a.ts makes a tool without a permission of its own",
    ]);
  });

  test.each([
    ["no opening sentence", "src/core/a.ts", LEAF, "does not open with a sentence"],
    ["a comment for machines", "src/core/a.ts", `/** @file */\n${LEAF}`, "does not open"],
    ["a name in camel case", "src/core/eventLog.ts", `/** A. */\n${LEAF}`, "kebab-case"],
    ["a barrel", "src/core/a.ts", `/** A. */\nexport * from "zod";`, "is a barrel"],
    ["a long file", "src/core/a.ts", `/** A. */\n${"//\n".repeat(300)}${LEAF}`, "has 302 lines"],
  ])("%s", (_name, path, text, breach) => {
    expect(findBreaches(new Map([[path, text]]))).toEqual([expect.stringContaining(breach)]);
  });
});

test("the rules let through what the design allows", () => {
  const files = house({
    "src/protocol/a.ts": `import { z } from "zod";\n${LEAF}`,
    "src/env.ts": `import "./protocol/a.ts";\n${LEAF}`,
    "src/usage/a.ts": LEAF,
    "src/tools/a.ts": `import "../usage/a.ts";\nimport "../protocol/a.ts";\n${LEAF}`,
    "src/thread/a.ts": `import "../tools/a.ts";\nimport "../env.ts";\n${LEAF}`,
    "src/index.ts": `import "./thread/a.ts";\nimport "cloudflare:workers";\n${LEAF}`,
    "src/client/index.ts": `export { leaf } from "../protocol/a.ts";`,
    "src/web/a.tsx": `import "../client/index.ts";\nimport "./a.css";\nimport "react-dom/client";\n${LEAF}`,
  });
  expect(findBreaches(files)).toEqual([]);
});

test("the source keeps the house rules", async ({ annotate }) => {
  const files = read(SOURCES);
  const long = [...files].filter(([, text]) => lineCount(text) > GOOD_LINES);
  for (const [path, text] of long) {
    await annotate(`${path} has ${lineCount(text)} lines: find its seam`, "warning");
  }
  expect(files.size).toBeGreaterThan(10);
  expect(findBreaches(files)).toEqual([]);
});

test("no file of the suites and scripts grows past what one reads at once", () => {
  const long = [...read(OTHERS)].filter(([, text]) => lineCount(text) > MOST_LINES + 100);
  expect(long.map(([path]) => path)).toEqual([]);
});
