/** What of the product serves at the platform, and at its address: asked, waited for, and taken back. */
import { setTimeout as sleep } from "node:timers/promises";
import { unstable_readConfig as readWranglerConfig } from "wrangler";
import * as z from "zod";
import { Failure } from "./processes.ts";
import { wrangler } from "./wrangler.ts";

/** What a deployment is made to; development is not deployed. */
export type DeployedEnvironment = "staging" | "production";

/** How long the platform may take until the address serves a new version, in milliseconds. */
const SPREAD_DEADLINE_MS = 60_000;
/** How long one question may take, and how long until the next, in milliseconds. */
const ANSWER_DEADLINE_MS = 10_000;
const PAUSE_MS = 500;

const Deployment = z.object({
  versions: z.array(z.object({ version_id: z.string(), percentage: z.number() })),
});
const Serving = z.object({ code_version: z.string() });
const Addresses = z.object({
  workers_dev: z.boolean().optional(),
  route: z.unknown(),
  routes: z.array(z.unknown()).default([]),
});
const ADDRESS = /https:\/\/[\w.-]+\.workers\.dev\b/;
const VERSION = /Current Version ID:\s*(\S+)/;

/** @returns the version that gets most requests now; null if nothing was deployed before. */
export async function servingVersion(env: DeployedEnvironment): Promise<string | null> {
  const asked = ["deployments", "status", "--json", "--env", env];
  const { code, output, answer } = await wrangler(asked);
  if (code !== 0) {
    if (/does not exist|not found|no deployments/i.test(output)) return null;
    throw new Failure(`What is deployed now could not be asked:\n${output.trim()}`);
  }
  const { versions } = Deployment.parse(JSON.parse(answer));
  const [most] = versions.toSorted((left, right) => right.percentage - left.percentage);
  return most?.version_id ?? null;
}

/** What wrangler printed about a deployment: its version and address; null if it printed none. */
export function madeBy(output: string): { version: string | null; url: string | null } {
  return { version: VERSION.exec(output)?.[1] ?? null, url: ADDRESS.exec(output)?.[0] ?? null };
}

/** @throws {Failure} where wrangler will not say where the product serves, which is to be known before anything is done. */
export function assertAddressIsTold(env: DeployedEnvironment): void {
  const config = readWranglerConfig({ config: "wrangler.toml", env }, { hideWarnings: true });
  const { workers_dev, route, routes } = Addresses.parse(config);
  if (workers_dev ?? (route === undefined && routes.length === 0)) return;
  throw new Failure(
    `[env.${env}] has no address at workers.dev: say where it serves with --url, for the smoke test.`,
  );
}

/**
 * Waits until an address serves a version: until then a smoke test would look at the one before.
 * @returns whether it came to that.
 */
export async function serves(url: string, version: string): Promise<boolean> {
  const deadline = Date.now() + SPREAD_DEADLINE_MS;
  while (Date.now() < deadline) {
    if ((await versionAt(url)) === version) return true;
    await sleep(PAUSE_MS);
  }
  return false;
}

async function versionAt(url: string): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
    const answer = await fetch(new URL("/api/status", url), { signal });
    return Serving.parse(await answer.json()).code_version;
  } catch {
    return null;
  }
}

/** @returns the command that has a version serve again. */
export function rollbackCommand(env: DeployedEnvironment, version: string): string {
  return `npx wrangler rollback ${version} --env ${env}`;
}

/**
 * Has the version before serve again in the place of the one that was deployed; its id where that is known.
 * @throws {Failure} where another one serves by now, which is not ours to take back, or where it can't be done.
 */
export async function takeBack(
  env: DeployedEnvironment,
  { before, made }: { readonly before: string; readonly made: string | null },
): Promise<void> {
  const now = await servingVersion(env);
  if (made !== null && now !== made) {
    throw new Failure(
      `Nothing is taken back: version ${now ?? "none"} serves by now, by another deployment than this one.`,
    );
  }
  const reason = ["--message", "The smoke test failed", "--yes"];
  const { code } = await wrangler(["rollback", before, ...reason, "--env", env], { shown: true });
  if (code === 0) return;
  throw new Failure(
    `The rollback failed too. By hand: ${rollbackCommand(env, before)}\nThe platform takes nothing back past a new class of objects ([[migrations]] of wrangler.toml): mend that version then, and deploy it.`,
  );
}
