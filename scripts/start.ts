/** `npm start`: the whole product on this machine, from the page to the database, in the foreground. */
import { randomBytes } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { newId } from "../src/core/clock.ts";
import { databaseConfig } from "./database-config.ts";
import { migrateLocalDatabase } from "./local-database.ts";
import { assertPortIsFree, Failure, runToEnd, serve, waitUntilHealthy } from "./processes.ts";
import { loadSampleData } from "./sample-data.ts";
import { SETTING_NAMES } from "./setting-names.ts";

/** How much of the sample company each choice loads. */
const SAMPLE_SCALES = new Map([
  ["company", 1],
  ["small", 0.1],
  ["none", 0],
]);

const root = resolve(import.meta.dirname, "..");
process.chdir(root);
if (existsSync(".env")) process.loadEnvFile(".env");
process.env.WRANGLER_LOG ||= "warn";

try {
  await start();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function start(): Promise<void> {
  const port = readPort(process.env.PORT);
  const sampleScale = readSampleScale(process.env.SAMPLE_DATA);
  const stateDirectory = resolve(process.env.STATE_DIR || ".wrangler/state");
  await assertPortIsFree(port);
  makeDirectory(stateDirectory);
  // The page of this state alone: wrangler restarts when its page changes, as the next copy's start would.
  const page = join(stateDirectory, "page");

  console.log("Building the page, preparing the database …");
  await Promise.all([
    runToEnd("vite", [
      "build",
      ...["--config", "src/web/vite.config.ts", "--outDir", page, "--logLevel", "error"],
    ]),
    prepareDatabase(stateDirectory, sampleScale),
  ]);

  const settings = readSettings(stateDirectory);
  const settingsFile = writeSettings(stateDirectory, settings);
  process.once("exit", () => rmSync(settingsFile, { force: true }));
  const address = `http://127.0.0.1:${port}`;
  const args = [
    join(root, "scripts/development-server.ts"),
    ...["--ip", process.env.HOST || "127.0.0.1", "--port", String(port)],
    ...["--assets", page, "--persist-to", stateDirectory],
    ...["--env-file", settingsFile],
  ];
  let end = await serveToEnd(args, address, readyLine(address, settings));
  // No client is to be without the server for longer than it takes to be there again.
  while (end.wasReady && end.code !== 0) {
    console.error("The server ended by itself, and is started again.");
    end = await serveToEnd(args, address);
  }
  process.exitCode = end.code;
}

async function prepareDatabase(stateDirectory: string, sampleScale: number): Promise<void> {
  for (const id of databaseConfig().ids) {
    migrateLocalDatabase(join(stateDirectory, "v3"), id, "migrations");
  }
  if (sampleScale > 0) await loadSampleData(stateDirectory, sampleScale, tellProgress);
}

/**
 * Serves until it ends.
 * @param news what is printed once it is ready, where that is news.
 * @returns the exit code, and whether it was ready before it ended.
 */
async function serveToEnd(args: readonly string[], address: string, news?: string) {
  const server = serve(process.execPath, args);
  try {
    await Promise.race([waitUntilHealthy(address), server.ended]);
  } catch (failure) {
    await server.stop();
    throw failure;
  }
  const wasReady = server.isRunning();
  if (wasReady && news !== undefined) console.log(news);
  return { wasReady, code: await server.ended };
}

function tellProgress(loaded: number, expected: number): void {
  const [done, all] = [loaded, Math.max(loaded, expected)].map((records) =>
    records.toLocaleString("en"),
  );
  console.log(`Loading the sample company: ${done} of about ${all} records …`);
}

function readyLine(address: string, settings: ReadonlyMap<string, string>): string {
  const provider = settings.get("MODEL_PROVIDER");
  const hasKey = settings.has("OPENAI_API_KEY");
  const answers =
    provider === "demo" || !hasKey
      ? "without OPENAI_API_KEY the offline demo model answers"
      : `${settings.get("MODEL") ?? "the default model"} answers`;
  return `Apex Edge is ready at ${address} (${answers}). Chat in another terminal: npm run chat`;
}

function readPort(text = "8787"): number {
  const port = Number(text || "8787");
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Failure(`PORT must be a number from 1 to 65535, not "${text}".`);
}

function readSampleScale(text = ""): number {
  const scale = SAMPLE_SCALES.get(text || "company");
  if (scale !== undefined) return scale;
  throw new Failure(`SAMPLE_DATA must be company, small or none, not "${text}".`);
}

/** @throws {Failure} if it cannot be created or written to. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch {
    throw new Failure(`STATE_DIR must be a directory that can be written to, not ${path}.`);
  }
}

function readSettings(stateDirectory: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const name of SETTING_NAMES) {
    const value = process.env[name];
    if (value) settings.set(name, value);
  }
  const canSign = settings.has("JWT_SECRET") || settings.has("JWT_SIGNING_KEYS");
  if (!canSign) settings.set("JWT_SECRET", ownSecret(stateDirectory));
  return settings;
}

/** A secret of this state's own: made once and kept, so that sign-ins outlive a restart. */
function ownSecret(stateDirectory: string): string {
  const file = resolve(stateDirectory, "jwt-secret");
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(32).toString("base64url"), { mode: 0o600 });
  }
  return readFileSync(file, "utf8");
}

/** Through a file that only this user can read: command lines can be read by everybody. */
function writeSettings(stateDirectory: string, settings: ReadonlyMap<string, string>): string {
  const file = resolve(stateDirectory, `settings-${newId()}.env`);
  const lines = Array.from(settings, ([name, value]) => `${name}=${quote(name, value)}\n`);
  writeFileSync(file, lines.join(""), { mode: 0o600 });
  return file;
}

function quote(name: string, value: string): string {
  if (/['\r\n]/.test(value)) throw new Failure(`${name} must not hold a quote or a line break.`);
  return `'${value}'`;
}
