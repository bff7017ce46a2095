/** Real ClickHouse engines for the suites: chdb (26) in a process of its own, and Debian's server (18.16). */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { glob, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../e2e/product.ts";
import { eventually } from "../e2e/within.ts";

const SERVER = "/usr/sbin/clickhouse-server";

export interface Engine {
  readonly url: string;
  close(): Promise<void>;
}

export interface ClickhouseServerProcess extends Engine {
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>;
  /** Starts it again, over the same data. */
  start(): Promise<void>;
  /** Holds it still, with its connections open. */
  freeze(): void;
  thaw(): void;
}

/** @returns whether a suite runs: only on a machine that is no CI may an engine be missing. */
export function mustRun(isInstalled: boolean): boolean {
  return isInstalled || process.env.CI !== undefined;
}

export const hasChdb = isResolvable("chdb");
export const hasClickhouseServer = existsSync(SERVER);

/** Starts ClickHouse 26, over new data. */
export async function startChdb(): Promise<Engine> {
  const path = await mkdtemp(join(tmpdir(), "apex-chdb-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = join(import.meta.dirname, "chdb-server.ts");
  const child = spawn(process.execPath, [program, path, String(port)], { stdio: "inherit" });
  const end = () => void child.kill("SIGKILL");
  process.once("exit", end);
  await untilItAnswers(url, child);
  return {
    url,
    async close() {
      await endNow(child);
      process.off("exit", end);
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Starts Debian's server, over new data. */
export async function startClickhouseServer(): Promise<ClickhouseServerProcess> {
  const path = await mkdtemp(join(tmpdir(), "apex-clickhouse-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await mkdir(join(path, "data"));
  await writeFile(join(path, "config.xml"), configuration(path, port));
  await writeFile(join(path, "users.xml"), USERS);
  let child: ChildProcess | null = null;
  const end = () => void child?.kill("SIGKILL");
  process.once("exit", end);

  async function start(): Promise<void> {
    await clearUnfinishedMerges(join(path, "data/data/default"));
    child = spawn(SERVER, [`--config-file=${join(path, "config.xml")}`], { stdio: "ignore" });
    await untilItAnswers(url, child);
  }
  async function kill(): Promise<void> {
    if (child !== null) await endNow(child);
  }
  await start();
  return {
    url,
    start,
    kill,
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
    async close() {
      await kill();
      process.off("exit", end);
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/**
 * What a merge that was killed had written: this old server stumbles over it at every merge and deletion
 * from then on ("Directory … already exists"), where newer ones clear it as they start.
 */
async function clearUnfinishedMerges(tables: string): Promise<void> {
  for await (const unfinished of glob("*/tmp_*", { cwd: tables })) {
    await rm(join(tables, unfinished), { recursive: true, force: true });
  }
}

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  await eventually(
    async () => {
      if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}.`);
      const answer = await fetch(url, { method: "POST", body: "SELECT 1" }).catch(() => null);
      await answer?.text();
      return answer?.ok ? true : await sleep(50);
    },
    () => "no answer",
  );
}

async function endNow(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

function isResolvable(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function configuration(path: string, port: number): string {
  return `<yandex>
  <logger><level>warning</level><log>${path}/log</log><errorlog>${path}/errors</errorlog></logger>
  <http_port>${port}</http_port>
  <listen_host>127.0.0.1</listen_host>
  <path>${path}/data/</path>
  <tmp_path>${path}/data/tmp/</tmp_path>
  <users_config>users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>134217728</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <timezone>UTC</timezone>
</yandex>`;
}

/** LowCardinality was an experiment then. */
const USERS = `<yandex>
  <profiles><default>
    <allow_experimental_low_cardinality_type>1</allow_experimental_low_cardinality_type>
  </default></profiles>
  <users><default>
    <password></password>
    <networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
  </default></users>
  <quotas><default></default></quotas>
</yandex>`;
