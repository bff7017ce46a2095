/**
 * `npm run deploy -- --env production`: deploys this working tree, checks the deployment, and rolls back if a
 * check fails.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod";
import { databaseBindings } from "./database-config.ts";
import {
  assertAddressIsTold,
  type DeployedEnvironment,
  madeBy,
  rollbackCommand,
  serves,
  servingVersion,
  takeBack,
} from "./deployments.ts";
import { ENDING_SIGNALS, Failure, run, runToEnd } from "./processes.ts";
import { askWrangler, wrangler } from "./wrangler.ts";

const USAGE = `Usage: npm run deploy -- --env <staging|production> [--url https://…] [--keep]

Checks (doctor, lint, types), builds the page, migrates every database of D1, deploys, waits until the live address
(--url; else the one that wrangler prints) serves that, and runs the smoke test against it. Where that fails, the
version that served before serves again; with --keep it does not: for a mend in the middle of an outage, of which the
smoke test tells too. Migrations only ever add, so that the version before works on them; the bookmarks that are
printed are the way back for the data.
`;

const Bookmark = z.object({ bookmark: z.string() });
const Address = z.url({ protocol: /^https?$/ });

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

/** What is deployed, and how. */
interface Asked {
  readonly env: DeployedEnvironment;
  /** The deployment's address; by default the one that wrangler prints. */
  readonly url: string | undefined;
  /** Whether it is left in place if a check fails. */
  readonly keep: boolean;
}

/** @returns the parsed options; an exit code if they ask for help or are invalid. */
function readArguments(): Asked | number {
  const { values } = parseArgs({
    options: {
      env: { type: "string" },
      url: { type: "string" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { env, url, keep } = values;
  const isClear = url === undefined || Address.safeParse(url).success;
  if (values.help || (env !== "staging" && env !== "production") || !isClear) {
    (values.help ? process.stdout : process.stderr).write(USAGE);
    return values.help ? 0 : 2;
  }
  return { env, url, keep };
}

/**
 * Runs the checks and builds.
 * @throws {Failure} if something prevents the deployment.
 */
async function prepare({ env, url }: Asked): Promise<void> {
  step("Is everything in place?");
  if (url === undefined) assertAddressIsTold(env);
  if (!(await succeeds("doctor.ts", ["--env", env]))) {
    throw new Failure("Nothing was deployed: mend what the doctor names first.");
  }
  step("Lint, types, page");
  await runToEnd("npm", ["run", "check"]);
  await runToEnd("npm", ["run", "build"]);
}

/** @returns the version that serves now; null for none. It is printed, and of each database how to come back to it. */
async function wayBack(env: DeployedEnvironment, databases: readonly string[]) {
  step("What serves now, and the way back");
  const before = await servingVersion(env);
  console.log(before === null ? "Nothing is deployed yet." : `Version ${before} serves now.`);
  for (const name of databases) {
    const asked = ["d1", "time-travel", "info", name, "--json", "--env", env];
    const { bookmark } = await askWrangler(Bookmark, asked);
    console.log(`${name} as it is now: bookmark ${bookmark}`);
  }
  return before;
}

async function migrate(env: DeployedEnvironment, databases: readonly string[]): Promise<void> {
  step("Migrations, then the code");
  for (const name of databases) {
    const asked = ["d1", "migrations", "apply", name, "--remote", "--env", env];
    const { code } = await wrangler(asked, { shown: true });
    if (code !== 0) {
      throw new Failure(`The migrations of ${name} failed: the code was not deployed.`);
    }
  }
}

/** @returns what is wrong with the deployment; null if all checks passed. */
async function faultOf(version: string | null, url: string | null): Promise<string | null> {
  if (url === null) return "Nobody knows where it serves: say it with --url.";
  step(`Smoke test of ${url}`);
  if (version !== null && !(await serves(url, version))) {
    return `${url} does not serve version ${version}: is it another environment's address?`;
  }
  return (await succeeds("smoke.ts", [url])) ? null : "The smoke test failed.";
}

/** @returns the exit code. */
async function deploy(): Promise<number> {
  const asked = readArguments();
  if (typeof asked === "number") return asked;
  const { env, keep } = asked;
  await prepare(asked);
  const databases = databaseBindings(env);
  const before = await wayBack(env, databases);
  await migrate(env, databases);

  // An interruption from here on must not leave an unchecked deployment: the current step ends, and it is rolled
  // back.
  let isInterrupted = false;
  for (const signal of ENDING_SIGNALS) process.on(signal, () => (isInterrupted = true));
  const deployed = await wrangler(["deploy", "--env", env], { shown: true });
  const { version: made, url } = madeBy(deployed.output);
  if (deployed.code !== 0 && (await servingVersion(env)) === before) {
    throw new Failure("The deployment failed: what served before serves on.");
  }
  const fault =
    deployed.code === 0
      ? await faultOf(made, asked.url ?? url)
      : "The deployment failed, and serves all the same.";
  if (fault === null && !isInterrupted) {
    console.log("\nDeployed.");
    if (before !== null) console.log(`To take it back: ${rollbackCommand(env, before)}`);
    return 0;
  }
  console.log(`\n${fault ?? "It was interrupted."}`);
  if (before === null) {
    throw new Failure("It does not do what it must, and there is no version to go back to.");
  }
  if (keep) {
    throw new Failure(`It stays, as --keep says. To take it back: ${rollbackCommand(env, before)}`);
  }
  step(`Back to version ${before}`);
  await takeBack(env, { before, made });
  throw new Failure(`Taken back: version ${before} serves again. The migrations stay.`);
}

process.exitCode = await deploy().catch((error: unknown) => {
  if (!(error instanceof Failure)) throw error;
  console.error(`\n${error.message}`);
  return 1;
});
