/** The SDK as somebody has it who installed it: packed, unpacked, in a project of its own. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const ROOT = resolve(import.meta.dirname, "../../..");
const EXAMPLES = join(ROOT, "docs/examples");
const run = promisify(execFile);

/** What the examples are made with beside the SDK; none of it comes with it. */
const BESIDE = [
  "zod",
  "react",
  "@types/react",
  "@types/node",
  "@cloudflare/workers-types",
  "csstype",
];

const Packed = z.tuple([
  z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }),
]);

export interface Project {
  readonly path: string;
  /** What the package holds. */
  readonly files: readonly string[];
  /** Type-checks the examples as a strict project does, the SDK's own types included. */
  typeCheck(): Promise<string>;
  remove(): Promise<void>;
}

/** Builds and packs the SDK, and installs it beside the examples. */
export async function projectWithSdk(): Promise<Project> {
  await run("npm", ["run", "--silent", "build:sdk"], { cwd: ROOT });
  const path = await mkdtemp(join(tmpdir(), "apex-edge-sdk-"));
  const pack = ["pack", "--silent", "--json", "--pack-destination", path, "./dist/sdk"];
  const [{ filename, files }] = Packed.parse(
    JSON.parse((await run("npm", pack, { cwd: ROOT })).stdout),
  );

  const modules = join(path, "node_modules");
  await mkdir(join(modules, "apex-edge-client"), { recursive: true });
  const unpack = ["-xzf", filename, "--strip-components=1", "-C", "node_modules/apex-edge-client"];
  await run("tar", unpack, { cwd: path });
  for (const name of BESIDE) {
    await mkdir(join(modules, name, ".."), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), join(modules, name));
  }
  for (const name of await readdir(EXAMPLES))
    await copyFile(join(EXAMPLES, name), join(path, name));
  await writeFile(join(path, "package.json"), JSON.stringify({ type: "module", private: true }));
  await writeFile(join(path, "wrangler.json"), "{}");
  await writeFile(join(path, "tsconfig.json"), JSON.stringify(TSCONFIG));
  return {
    path,
    files: files.map((file) => file.path),
    async typeCheck() {
      const tsc = join(ROOT, "node_modules/.bin/tsc");
      return await run(tsc, [], { cwd: path }).then(
        () => "",
        (error: { stdout: string }) => error.stdout,
      );
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

const TSCONFIG = {
  compilerOptions: {
    target: "ES2024",
    lib: ["ES2024", "DOM", "DOM.Iterable"],
    module: "NodeNext",
    jsx: "react-jsx",
    strict: true,
    noEmit: true,
    types: ["node"],
  },
  include: ["*.ts", "*.tsx"],
};
