/**
 * The product as one module for workerd, whose tests load one after the other over a socket: some 570
 * modules take an isolate eight seconds and more, one takes it three. Every file of `src` that a test imports
 * is that bundle's own copy, so that a class, a clock or a table is the same one in test and product.
 */
import { globSync, readFileSync } from "node:fs";
import { parseSync } from "oxc-parser";
import { build, type Plugin } from "vite";
import { countedLines } from "./counted-lines.ts";

/** What stands for the bundle in an import, and for what it is made of. */
const BUNDLE = "virtual:product";
const ENTRY = "virtual:product-entry";

/** What the platform gives, and what tests import too: a second copy would be another class. */
const OUTSIDE = [/^node:/, /^cloudflare:/, /^zod($|\/)/, "jose", "cockatiel", "standardwebhooks"];

/** The rooms that a worker never loads. */
const ELSEWHERE = ["src/web/**", "src/terminal/**", "src/**/*.d.ts", "src/**/*.config.ts"];

/** @returns the names a module exports, `default` among them; types are not. */
function exportedNames(path: string): string[] {
  const { module } = parseSync(path, readFileSync(path, "utf8"));
  return module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ isType, exportName }) => {
      if (isType) return [];
      if (exportName.kind === "Default") return ["default"];
      return exportName.name === null ? [] : [exportName.name];
    }),
  );
}

/** Keeps Vitest from counting the lines of a file that only passes on what the bundle has of it. */
const UNCOUNTED = "/* istanbul ignore file */";

/**
 * @param root the project's directory, without a slash at its end
 * @param counted whether the bundle counts which of its lines are run
 * @returns the plugin: one bundle, made once for every project that shares it
 */
export function productAsOneModule(root: string, counted: boolean): Plugin {
  const paths = globSync("src/**/*.ts", { cwd: root, exclude: ELSEWHERE })
    .toSorted()
    .map((path) => `${root}/${path}`);
  const names = new Map(paths.map((path) => [path, exportedNames(path)]));
  const renamed = (path: string) =>
    (names.get(path) ?? []).map((name) => ({ name, as: `m${paths.indexOf(path)}_${name}` }));
  const entry = paths
    .map((path) => {
      const list = renamed(path).map(({ name, as }) => `${name} as ${as}`);
      return `export { ${list.join(", ")} } from ${JSON.stringify(path)};`;
    })
    .join("\n");

  let bundle: ReturnType<typeof bundled> | undefined;
  return {
    name: "product-as-one-module",
    enforce: "pre",
    resolveId: (id) => (id === BUNDLE ? `\0${BUNDLE}` : undefined),
    async load(id) {
      if (id === `\0${BUNDLE}`) {
        bundle ??= bundled(root, entry, counted ? [countedLines(root)] : []);
        return await bundle;
      }
      if (!names.has(id)) return undefined;
      const list = renamed(id).map(({ name, as }) => `${as} as ${name}`);
      return `${UNCOUNTED} export { ${list.join(", ")} } from ${JSON.stringify(BUNDLE)};`;
    },
  };
}

/** @returns all rooms and the packages they use as one script, its names kept for stack traces. */
async function bundled(root: string, entry: string, more: readonly Plugin[]) {
  const result = await build({
    root,
    configFile: false,
    logLevel: "warn",
    plugins: [
      {
        name: "product-entry",
        resolveId: (id) => (id === ENTRY ? ENTRY : undefined),
        load: (id) => (id === ENTRY ? entry : undefined),
      },
      ...more,
    ],
    resolve: { conditions: ["workerd", "worker", "browser", "module", "import"] },
    ssr: { noExternal: true, target: "webworker" },
    build: {
      ssr: true,
      write: false,
      target: "esnext",
      rolldownOptions: {
        input: ENTRY,
        external: OUTSIDE,
        output: {
          codeSplitting: false,
          comments: false,
          minify: { compress: true, mangle: false },
        },
      },
    },
  });
  if (Array.isArray(result) || !("output" in result)) throw new Error("expected one bundle");
  // Without a map: it would be sent to every isolate too, and is longer than the script.
  return { code: result.output[0].code, map: { mappings: "" as const } };
}
