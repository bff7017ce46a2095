/** A checkout of the product beside a platform that is made up: it notes what it is asked, and answers as it is told. */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { launch } from "./product.ts";
import { within } from "./within.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PATIENCE_MS = 100_000;

/** Stands for wrangler and npm: notes what it is asked, and answers as the platform would. */
const PLATFORM = `#!/usr/bin/env node
import { appendFileSync, readFileSync } from "node:fs";
const [program, ...args] = [process.argv[1].split("/").at(-1), ...process.argv.slice(2)];
const asked = [program, ...args].join(" ");
appendFileSync(process.env.ASKED, asked + "\\n");
const answers = JSON.parse(process.env.ANSWERS);
const [start, given] = Object.entries(answers).find(([start]) => asked.startsWith(start)) ?? [];
const before = readFileSync(process.env.ASKED, "utf8").split("\\n");
const times = before.filter((line) => start !== undefined && line.startsWith(start)).length;
const answer = Array.isArray(given) ? given[Math.min(times, given.length) - 1] : given;
if (answer?.text) console.log(answer.text);
process.exitCode = answer?.code ?? 0;
`;

/** What a command prints, and its exit code: nothing, and 0. */
export interface Answer {
  readonly text?: string;
  readonly code?: number;
}
/** By how a command begins: always the same, or one after the other, of which the last stays. */
export type Answers = Readonly<Record<string, Answer | readonly Answer[]>>;

/** @returns what the platform answers of the version that serves. */
export const serving = (version: string): Answer => ({
  text: JSON.stringify({ versions: [{ version_id: version, percentage: 100 }] }),
});
/** @returns what the platform answers of the eras that people were served by. */
export const served = (
  ...eras: readonly (readonly [from: string, ...databases: string[]])[]
): Answer => {
  const results = eras.map(([begins_at, ...databases]) => {
    return { begins_at, databases: JSON.stringify(databases), in_use: 1 };
  });
  return { text: JSON.stringify([{ results }, { results: [] }]) };
};
/** @returns what a database answers that was first used by a binding, or never. */
export const marked = (...bindings: readonly string[]): Answer => ({
  text: JSON.stringify([{ results: bindings.map((binding) => ({ binding })) }]),
});
/** @returns the command that asks a database by which binding it was first used. */
export const askedMark = (binding: string) =>
  `wrangler d1 execute ${binding} --remote --env production --json --command SELECT binding FROM database_mark`;
export const BEGINNING = "1970-01-01T00:00:00.000Z";

/** A platform on which the product was deployed before. */
export const WELL: Answers = {
  "wrangler secret list": {
    text: JSON.stringify([{ name: "JWT_SIGNING_KEYS" }, { name: "OPENAI_API_KEY" }]),
  },
  "wrangler deployments status": serving("version-before"),
  [askedMark("DB")]: marked("DB"),
  [askedMark("HISTORY_1")]: marked(),
  "wrangler d1 execute": served([BEGINNING, "DB"]),
  "wrangler d1 time-travel info": { text: JSON.stringify({ bookmark: "bookmark-1" }) },
};

/** A second database, for the history. */
const HISTORY = `
[[env.production.d1_databases]]
binding = "HISTORY_1"
database_name = "apex-edge-history-1"
database_id = "9e4a7c05-3c1b-4d0e-8a53-2f6c1f0b7a21"
migrations_dir = "migrations"
`;

/** A checkout whose wrangler.toml has the ids of two databases and a cache, and the platform beside it. */
async function layOut(place: string): Promise<void> {
  const isOurs = (path: string) => !path.includes("node_modules");
  await cp(join(ROOT, "scripts"), join(place, "scripts"), { recursive: true, filter: isOurs });
  for (const name of ["src", "node_modules", "package.json", "migrations"]) {
    await symlink(join(ROOT, name), join(place, name));
  }
  const bound = (await readFile(join(ROOT, "wrangler.toml"), "utf8"))
    .replaceAll(/"0{8}-0{4}-0{4}-0{4}-0{11}\d"/g, '"5c1f3ab2-93b1-4a41-a3f5-8b1f6f2f1d11"')
    .replaceAll(/"0{31}\d"/g, '"7d0c3e1f5a4b4c7f9e2d1a0b3c5d7e9f"');
  await writeFile(join(place, "wrangler.toml"), bound + HISTORY);
  await mkdir(join(place, "platform"));
  await writeFile(join(place, "platform", "package.json"), '{"type":"module"}');
  for (const name of ["wrangler", "npm"]) {
    await writeFile(join(place, "platform", name), PLATFORM, { mode: 0o755 });
  }
}

/** What a program of the checkout came to. */
interface Ran {
  readonly code: number | null;
  readonly output: string;
  /** Every command that the platform was asked, in order. */
  readonly asked: readonly string[];
}

/** A checkout of its own, until it is removed. */
export interface Checkout {
  readonly directory: string;
  /** Runs a program of its scripts; `answers` are found by how a command begins. @param begun told its process. */
  run(
    program: string,
    args: readonly string[],
    answers?: Answers,
    begun?: (pid: number) => void,
  ): Promise<Ran>;
  remove(): Promise<void>;
}

export async function newCheckout(): Promise<Checkout> {
  const directory = await mkdtemp(join(tmpdir(), "apex-deploy-"));
  await layOut(directory);
  return {
    directory,
    async run(program, args, answers = WELL, begun) {
      const log = join(directory, "asked");
      await writeFile(log, "");
      const path = [join(directory, "platform"), join(ROOT, "node_modules/.bin"), process.env.PATH];
      const attempt = launch("node", [join(directory, "scripts", program), ...args], {
        PATH: path.join(delimiter),
        ASKED: log,
        ANSWERS: JSON.stringify(answers),
      });
      begun?.(attempt.pid);
      const code = await within(PATIENCE_MS, attempt.exited, () => attempt.output());
      const asked = (await readFile(log, "utf8")).trim().split("\n");
      return { code, output: attempt.output(), asked };
    },
    remove: () => rm(directory, { recursive: true }),
  };
}
