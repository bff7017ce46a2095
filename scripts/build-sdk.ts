/** `npm run build:sdk`: the SDK as a package that can be published, under dist/sdk. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "vite";
import * as z from "zod";
import { runToEnd } from "./processes.ts";

const ROOT = resolve(import.meta.dirname, "..");
const OUT = join(ROOT, "dist/sdk");
const ENTRIES = ["index", "react"];

const Project = z.object({
  version: z.string(),
  license: z.string(),
  dependencies: z.object({ zod: z.string(), react: z.string() }),
});

rmSync(OUT, { recursive: true, force: true });
await build({
  configFile: false,
  logLevel: "error",
  build: {
    outDir: OUT,
    target: "es2024",
    minify: false,
    sourcemap: true,
    lib: {
      entry: Object.fromEntries(ENTRIES.map((name) => [name, join(ROOT, `src/client/${name}.ts`)])),
      formats: ["es"],
    },
    rolldownOptions: { external: ["react"] },
  },
});
await runToEnd("tsc", ["-p", join(ROOT, "src/client/tsconfig.json")]);

const project = Project.parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));
const manifest = {
  name: "apex-edge-client",
  version: project.version,
  description:
    "The client of Apex Edge: threads, live events, and everything that survives a lost connection",
  license: project.license,
  type: "module",
  sideEffects: false,
  exports: Object.fromEntries(
    ENTRIES.map((name) => [
      name === "index" ? "." : `./${name}`,
      { types: `./types/client/${name}.d.ts`, default: `./${name}.js` },
    ]),
  ),
  // For the types alone, which are those of the wire's schemas: none of it runs.
  dependencies: { zod: `^${project.dependencies.zod}` },
  peerDependencies: { react: ">=18" },
  peerDependenciesMeta: { react: { optional: true } },
};
writeFileSync(join(OUT, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
copyFileSync(join(ROOT, "docs/sdk.md"), join(OUT, "README.md"));
