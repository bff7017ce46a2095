/**
 * `npm run deploy -- --env production`: brings what is here to the platform, looks at it there, and takes it
 * back where it does not do what it must.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod";
import { databaseBindings } from "./database-config.ts";
import { Failure, run, runToEnd } from "./processes.ts";
import { askWrangler, wrangler } from "./wrangler.ts";

const USAGE = `Usage: npm run deploy -- --env <staging|production> [--url https://…]

Checks (doctor, lint, types), builds the page, migrates every database of D1, deploys, and runs the smoke test against the
live address (--url; else the one that wrangler prints). Where the smoke test fails, the version that served
before serves again. Migrations only ever add, so that the version before works on them; the bookmarks that are
printed are the way back for the data.
`;

const Deployment = z.object({
  versions: z.array(z.object({ version_id: z.string(), percentage: z.number() })),
});
const Bookmark = z.object({ bookmark: z.string() });
const ADDRESS = /https:\/\/[\w.-]+\.workers\.dev\b/;

const root = resolve(import.meta.dirname, "..");
process.chdir(root);

function step(words: string): void {
  console.log(`\n▸ ${words}`);
}

/** Runs another program of the project, shown. @returns whether it ended well. */
async function succeeds(name: string, args: readonly string[]): Promise<boolean> {
  const { code } = await run("node", [join("scripts", name), ...args], { shown: true });
  return code === 0;
}

/** @returns the version that most requests go to now; null where nothing was deployed before. */
async function servingVersion(env: string): Promise<string | null> {
  const { code, output, answer } = await wrangler([
    "deployments",
    "status",
    "--json",
    "--env",
    env,
  ]);
  if (code !== 0) {
    if (/does not exist|not found|no deployments/i.test(output)) return null;
    throw new Failure(`What is deployed now could not be asked:\n${output.trim()}`);
  }
  const { versions } = Deployment.parse(JSON.parse(answer));
  const [most] = versions.toSorted((left, right) => right.percentage - left.percentage);
  return most?.version_id ?? null;
}

/** @returns the exit code. */
async function deploy(): Promise<number> {
  const { values } = parseArgs({
    options: {
      env: { type: "string" },
      url: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { env } = values;
  if (values.help || (env !== "staging" && env !== "production")) {
    (values.help ? process.stdout : process.stderr).write(USAGE);
    return values.help ? 0 : 2;
  }

  step("Is everything in place?");
  if (!(await succeeds("doctor.ts", ["--env", env]))) {
    throw new Failure("Nothing was deployed: mend what the doctor names first.");
  }
  step("Lint, types, page");
  await runToEnd("npm", ["run", "check"]);
  await runToEnd("npm", ["run", "build"]);

  step("What serves now, and the way back");
  const before = await servingVersion(env);
  console.log(before === null ? "Nothing is deployed yet." : `Version ${before} serves now.`);
  const databases = databaseBindings(env);
  for (const name of databases) {
    const asked = ["d1", "time-travel", "info", name, "--json", "--env", env];
    const { bookmark } = await askWrangler(Bookmark, asked);
    console.log(`${name} as it is now: bookmark ${bookmark}`);
  }

  step("Migrations, then the code");
  for (const name of databases) {
    const asked = ["d1", "migrations", "apply", name, "--remote", "--env", env];
    const { code } = await wrangler(asked, { shown: true });
    if (code !== 0) {
      throw new Failure(`The migrations of ${name} failed: the code was not deployed.`);
    }
  }
  const deployed = await wrangler(["deploy", "--env", env], { shown: true });
  if (deployed.code !== 0)
    throw new Failure("The deployment failed: what served before serves on.");

  const url = values.url ?? ADDRESS.exec(deployed.output)?.[0];
  if (url === undefined) {
    throw new Failure(
      "It is deployed, but nobody knows where: say it with --url, for the smoke test.",
    );
  }
  step(`Smoke test of ${url}`);
  if (await succeeds("smoke.ts", [url])) {
    console.log(`\nDeployed. To take it back: npx wrangler rollback ${before ?? ""} --env ${env}`);
    return 0;
  }
  if (before === null) {
    throw new Failure("It does not do what it must, and there is no version to go back to.");
  }
  step(`Back to version ${before}`);
  const back = ["rollback", before, "--message", "The smoke test failed", "--yes", "--env", env];
  if ((await wrangler(back, { shown: true })).code !== 0) {
    throw new Failure(`The rollback failed too. By hand: npx wrangler ${back.join(" ")}`);
  }
  throw new Failure(`Taken back: version ${before} serves again. The migrations stay.`);
}

process.exitCode = await deploy().catch((error: unknown) => {
  if (!(error instanceof Failure)) throw error;
  console.error(`\n${error.message}`);
  return 1;
});
