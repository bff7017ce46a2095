/** What brings the product to the platform, with a platform that is made up and a live address that is real. */
import { globSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { launch } from "./product.ts";
import { within } from "./within.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PATIENCE_MS = 100_000;

/** Stands for wrangler and npm: notes what it is asked, and answers as the platform would. */
const PLATFORM = `#!/usr/bin/env node
import { appendFileSync } from "node:fs";
const [program, ...args] = [process.argv[1].split("/").at(-1), ...process.argv.slice(2)];
const asked = [program, ...args].join(" ");
appendFileSync(process.env.ASKED, asked + "\\n");
const answers = JSON.parse(process.env.ANSWERS);
const [, answer] = Object.entries(answers).find(([start]) => asked.startsWith(start)) ?? [];
if (answer?.text) console.log(answer.text);
process.exitCode = answer?.code ?? 0;
`;

interface Answer {
  readonly text?: string;
  readonly code?: number;
}

/** @returns what the platform answers of the eras that people were served by. */
const served = (...eras: readonly (readonly [from: string, ...databases: string[]])[]): Answer => {
  const results = eras.map(([begins_at, ...databases]) => {
    return { begins_at, databases: JSON.stringify(databases), in_use: 1 };
  });
  return { text: JSON.stringify([{ results }, { results: [] }]) };
};
/** @returns what a database answers that was first used by a binding, or never. */
const marked = (...bindings: readonly string[]): Answer => ({
  text: JSON.stringify([{ results: bindings.map((binding) => ({ binding })) }]),
});
const askedMark = (binding: string) =>
  `wrangler d1 execute ${binding} --remote --env production --json --command SELECT binding FROM database_mark`;
const BEGINNING = "1970-01-01T00:00:00.000Z";

/** A platform on which the product was deployed before. */
const WELL: Readonly<Record<string, Answer>> = {
  "wrangler secret list": {
    text: JSON.stringify([{ name: "JWT_SIGNING_KEYS" }, { name: "OPENAI_API_KEY" }]),
  },
  "wrangler deployments status": {
    text: JSON.stringify({ versions: [{ version_id: "version-before", percentage: 100 }] }),
  },
  [askedMark("DB")]: marked("DB"),
  [askedMark("HISTORY_1")]: marked(),
  "wrangler d1 execute": served([BEGINNING, "DB"]),
  "wrangler d1 time-travel info": { text: JSON.stringify({ bookmark: "bookmark-1" }) },
};

let directory: string;
let broken: Server;
let brokenUrl: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "apex-deploy-"));
  await layOut(directory);
  broken = createServer((_, answer) => answer.end("Welcome to nginx!"));
  await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
  brokenUrl = `http://127.0.0.1:${z.object({ port: z.number() }).parse(broken.address()).port}`;
});
afterEach(async () => {
  broken.closeAllConnections();
  await new Promise((resolve) => broken.close(resolve));
  await rm(directory, { recursive: true });
});

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

/** Runs a program of that checkout against that platform. */
async function run(
  program: string,
  args: readonly string[],
  answers: Readonly<Record<string, Answer>> = WELL,
) {
  const log = join(directory, "asked");
  await writeFile(log, "");
  const attempt = launch("node", [join(directory, "scripts", program), ...args], {
    PATH: [join(directory, "platform"), join(ROOT, "node_modules/.bin"), process.env.PATH].join(
      delimiter,
    ),
    ASKED: log,
    ANSWERS: JSON.stringify(answers),
  });
  const code = await within(PATIENCE_MS, attempt.exited, () => attempt.output());
  const asked = (await readFile(log, "utf8")).trim().split("\n");
  return { code, output: attempt.output(), asked };
}

/** @returns who the smoke test made in the product's database, and left there. */
function smokeAccounts(): unknown[] {
  const files = globSync(join(inject("demoState"), "v3/d1/**/*.sqlite"));
  const file = files.find((name) => /[0-9a-f]{64}\.sqlite$/.test(name)) ?? "";
  using database = new DatabaseSync(file, { readOnly: true });
  return database.prepare("SELECT email FROM users WHERE email LIKE 'smoke-%'").all();
}

const ENV = ["--env", "production"];

/** Shards of which one is not bound. */
const UNBOUND = JSON.stringify([
  { from: "1970-01-01T00:00:00Z", databases: ["DB", "HISTORY_1", "HISTORY_2"] },
]);

describe("a deployment", () => {
  test("that does not do what it must is taken back, and says so", async () => {
    const { code, output, asked } = await run("deploy.ts", [...ENV, "--url", brokenUrl]);
    expect(output).toContain("Taken back: version version-before serves again.");
    expect(code).toBe(1);
    expect(asked.at(-1)).toBe(
      "wrangler rollback version-before --message The smoke test failed --yes --env production",
    );
  });

  test("that there was none before has no way back, and says so", async () => {
    const answers = {
      ...WELL,
      "wrangler deployments status": { code: 1, text: "This Worker does not exist" },
    };
    const { code, output, asked } = await run("deploy.ts", [...ENV, "--url", brokenUrl], answers);
    expect(code).toBe(1);
    expect(output).toContain("there is no version to go back to");
    expect(asked.some((line) => line.startsWith("wrangler rollback"))).toBe(false);
  });

  test.each([
    ["a secret is missing", "wrangler secret list", { text: "[]" }, "JWT_SIGNING_KEYS"],
    [
      "an era in use is gone",
      "wrangler d1 execute",
      served([BEGINNING, "DB"], ["2026-01-01T00:00:00.000Z", "HISTORY_1", "DB"]),
      "✗ History: HISTORY_SHARDS: the era from 2026-01-01T00:00:00.000Z is in use with HISTORY_1, DB",
    ],
    [
      "databases have changed places",
      askedMark("DB"),
      marked("HISTORY_1"),
      "✗ Databases: DB is bound to the database that is in use as HISTORY_1: put its own database_id back",
    ],
    ["the lint fails", "npm run check", { code: 1, text: "an unused import" }, "unused import"],
    ["a migration fails", "wrangler d1 migrations apply", { code: 1 }, "migrations of DB failed"],
  ])("is not begun where %s", async (_, asked, answer, said) => {
    const done = await run("deploy.ts", [...ENV, "--url", brokenUrl], { ...WELL, [asked]: answer });
    expect(done.code).toBe(1);
    expect(done.output).toContain(said);
    expect(done.asked.filter((line) => /^wrangler deploy /.test(line))).toEqual([]);
  });

  test("is checked, migrated, made and looked at, in this order", async () => {
    const answers = { ...WELL, "wrangler deploy ": { text: "Deployed apex-edge" } };
    const url = inject("demoUrl");
    const { code, output, asked } = await run("deploy.ts", [...ENV, "--url", url], answers);
    expect(output).toContain(`All 25 checks of ${url} hold.`);
    expect(code).toBe(0);
    expect(output).toContain("bookmark-1");
    expect(smokeAccounts()).toEqual([]);
    expect(asked).toEqual([
      "wrangler secret list --format json --env production",
      "wrangler d1 migrations list DB --remote --env production",
      "wrangler d1 migrations list HISTORY_1 --remote --env production",
      askedMark("DB"),
      askedMark("HISTORY_1"),
      expect.stringMatching(/^wrangler d1 execute DB --remote --env production --json --command/),
      "npm run check",
      "npm run build",
      "wrangler deployments status --json --env production",
      "wrangler d1 time-travel info DB --json --env production",
      "wrangler d1 time-travel info HISTORY_1 --json --env production",
      "wrangler d1 migrations apply DB --remote --env production",
      "wrangler d1 migrations apply HISTORY_1 --remote --env production",
      "wrangler deploy --env production",
    ]);
  });

  test("is not made of what nobody named", async () => {
    for (const args of [[], ["--env", "development"]]) {
      const { code, asked } = await run("deploy.ts", args);
      expect(code).toBe(2);
      expect(asked).toEqual([""]);
    }
  });
});

describe("the doctor", () => {
  test("names what stands in the way, how it is mended, and no secret", async () => {
    const secret = "sk-of-nobody-at-all";
    await writeFile(
      join(directory, ".dev.vars.production"),
      `JWT_SECRET=too-short\nOPENAI_API_KEY=${secret}\nGITHUB_CLIENT_ID=an-id\nHISTORY_SHARDS=${UNBOUND}\n`,
    );
    const { code, output } = await run("doctor.ts", [...ENV, "--url", brokenUrl]);
    expect(code).toBe(1);
    expect(output).toContain("JWT_SECRET: must be at least 32 characters");
    expect(output).toContain("GITHUB_CLIENT_SECRET: must be set where GITHUB_CLIENT_ID is");
    expect(output).toContain(
      "✗ History: HISTORY_SHARDS names what is bound to no database: HISTORY_2.",
    );
    expect(output).toContain("✗ Deployment");
    expect(output).not.toContain(secret);
  });

  test("has nothing to mend where all is well", async () => {
    const { code, output } = await run("doctor.ts", [...ENV, "--url", inject("demoUrl")]);
    expect(output).toContain("Nothing stands in the way.");
    expect(output).toContain("✓ History: It is in DB. So it was before.");
    expect(output).toContain("✓ Databases: Never used until now: HISTORY_1.");
    expect(code).toBe(0);
  });

  test.each<[string, Answer, string]>([
    [
      "was not there yet",
      { code: 1, text: "no such table: history_eras" },
      "✓ History: It is in DB. Nothing is remembered of it yet.",
    ],
    [
      "is not told",
      { code: 1, text: "✘ [ERROR] Authentication error" },
      "? History: It is in DB. What was served before is not told: Authentication error",
    ],
  ])("says of eras whose memory %s that it is so", async (_, answer, said) => {
    const { output } = await run("doctor.ts", ENV, { ...WELL, "wrangler d1 execute": answer });
    expect(output).toContain(said);
  });
});

describe("the smoke test", () => {
  test("holds a stranger's page to nothing less", async () => {
    const { code, output } = await run("smoke.ts", [brokenUrl]);
    expect(code).toBe(2);
    expect(output).toContain("✗ Every part is healthy");
    expect(output).not.toContain("✓ Nobody is let in");
  });
});
