/**
 * Checks the parts that are not on this machine: secrets and migrations at Cloudflare, the model, ClickHouse, the
 * deployment.
 */
import { stripVTControlCharacters } from "node:util";
import * as z from "zod";
import type { Config } from "../../src/env.ts";
import { Health } from "../../src/protocol/api.ts";
import { plural } from "../../src/protocol/plural.ts";
import { connectClickhouse } from "../../src/usage/clickhouse/connection.ts";
import { missingMigrations } from "../clickhouse-migrations.ts";
import { databaseBindings } from "../database-config.ts";
import { wrangler } from "../wrangler.ts";
import { type Finding, fault, type Patient, unknown, well } from "./finding.ts";
import { variablesOf } from "./local-parts.ts";

const DEADLINE_MS = 10_000;
/** Endpoints that list no models, or in another way, are taken at their word. */
const Offered = z.object({ data: z.array(z.object({ id: z.string() })) });
const UNLISTED = new Set([404, 405]);
const Secrets = z.array(z.object({ name: z.string() }));
/** The advice if Cloudflare does not answer. */
export const SIGN_IN = "npx wrangler login, or set CLOUDFLARE_API_TOKEN; then ask again.";

/** @returns whether the platform has the secrets that nothing goes without. */
export async function secrets({ environment, settings }: Patient): Promise<Finding> {
  const part = "Secrets";
  if (environment === "development") return well(part, "This machine needs none there.");
  const asked = ["secret", "list", "--format", "json", "--env", environment];
  const { code, output, answer } = await wrangler(asked);
  if (code !== 0) return unknown(part, `The platform does not tell: ${reasonIn(output)}`, SIGN_IN);
  const there = new Set(Secrets.parse(JSON.parse(answer)).map(({ name }) => name));
  const isGiven = (name: string) => there.has(name) || name in variablesOf(environment);
  const missing = [
    ...(there.has("JWT_SECRET") || there.has("JWT_SIGNING_KEYS") ? [] : ["JWT_SIGNING_KEYS"]),
    ...(there.has("OPENAI_API_KEY") || settings.MODEL_PROVIDER === "demo"
      ? []
      : ["OPENAI_API_KEY"]),
    ...PAIRS.flatMap(([id, secret]) => {
      if (isGiven(id) === there.has(secret)) return [];
      return isGiven(id) ? [secret] : [id];
    }),
  ];
  const how = missing.map((name) => `npx wrangler secret put ${name} --env ${environment}`);
  return missing.length === 0
    ? well(part, `${there.size} ${plural(there.size, "is", "are")} there.`)
    : fault(
        part,
        `${missing.join(", ")} ${plural(missing.length, "is", "are")} missing.`,
        `${how.join("; ")}.`,
      );
}

/** What may stand in wrangler.toml as well, and the secret that goes with it. */
const PAIRS = [
  ["GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"],
  ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"],
  ["CLICKHOUSE_URL", "CLICKHOUSE_PASSWORD"],
] as const;

/** @returns what tells wrangler which of its databases is meant: this machine's, where `npm start` keeps them, or the platform's. */
export function databaseOptions(environment: Patient["environment"]): string[] {
  if (environment !== "development") return ["--remote", "--env", environment];
  const directory = process.env.STATE_DIR;
  return ["--local", ...(directory ? ["--persist-to", directory] : [])];
}

/** @returns for each database whether it has every migration. */
export async function migrations(patient: Patient): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of databaseBindings(patient.environment)) {
    findings.push(await migrationsOf(name, patient));
  }
  return findings;
}

async function migrationsOf(database: string, { environment }: Patient): Promise<Finding> {
  const part = `Migrations of ${database}`;
  const where = databaseOptions(environment);
  const { code, output } = await wrangler(["d1", "migrations", "list", database, ...where]);
  if (code !== 0) return unknown(part, `The database does not tell: ${reasonIn(output)}`, SIGN_IN);
  const missing = output.match(/\d{4}_[\w-]+\.sql/g) ?? [];
  if (missing.length === 0) return well(part, "All are applied.");
  return unknown(
    part,
    `${missing.length} are not applied: ${missing.join(", ")}.`,
    environment === "development"
      ? "npm start applies them."
      : `npm run deploy applies them; or npx wrangler d1 migrations apply ${database} ${where.join(" ")}.`,
  );
}

/** @returns whether the model endpoint takes the key, and has the models. */
export async function model({
  modelProvider,
  openaiApiKey,
  openaiBaseUrl,
  models,
}: Config): Promise<Finding> {
  const part = "Model";
  if (modelProvider === "demo") return well(part, "The offline demo answers, and says so.");
  const base = (openaiBaseUrl ?? "https://api.openai.com/v1").replace(/\/+$/, "");
  const mend =
    "Check OPENAI_API_KEY, OPENAI_BASE_URL and MODEL, and that this machine may reach the endpoint.";
  try {
    const answer = await fetch(`${base}/models`, {
      headers: { authorization: `Bearer ${openaiApiKey ?? ""}` },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    if (UNLISTED.has(answer.status)) return unknown(part, `${base} lists no models.`, mend);
    if (!answer.ok) return fault(part, `${base} answers ${answer.status}.`, mend);
    const body = await jsonOf(answer);
    if (body === undefined) return fault(part, `${base} ${NO_JSON}`, mend);
    const known = new Set(Offered.safeParse(body).data?.data.map(({ id }) => id));
    const absent = known.size === 0 ? [] : models.filter((name) => !known.has(name));
    if (absent.length > 0) return fault(part, `${base} has no ${absent.join(", ")}.`, mend);
    return well(part, `${base} takes the key.`);
  } catch (error) {
    return fault(part, `${base} cannot be reached: ${reasonOf(error)}.`, mend);
  }
}

/** @returns whether the server of the usage records answers, with its tables. */
export async function analytics({ clickhouse }: Config): Promise<Finding> {
  const part = "Usage records";
  if (clickhouse === null) return well(part, "D1 keeps them.");
  try {
    const missing = await missingMigrations(connectClickhouse(clickhouse, DEADLINE_MS));
    if (missing.length === 0) return well(part, "ClickHouse answers, and has its tables.");
    const mend = "CLICKHOUSE_URL=… CLICKHOUSE_PASSWORD=… npm run migrations:clickhouse";
    return fault(part, `ClickHouse lacks ${missing.join(", ")}.`, mend);
  } catch (error) {
    const mend = "Check the CLICKHOUSE_… settings, and that the server lets this machine in.";
    return fault(part, `ClickHouse does not answer: ${reasonOf(error)}.`, mend);
  }
}

/** @returns how a deployment says that it is. */
export async function deployment(url: string): Promise<Finding> {
  const part = "Deployment";
  const mend = "npx wrangler tail shows why; docs/runbooks.md has a line for each part.";
  try {
    const answer = await fetch(new URL("/health", url), {
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const body = await jsonOf(answer);
    if (body === undefined) return fault(part, `${url} ${NO_JSON}`, mend);
    const health = Health.safeParse(body);
    if (!health.success) {
      return fault(part, `${url} answers ${answer.status}: ${JSON.stringify(body)}`, mend);
    }
    const ill = Object.entries(health.data.parts).filter(([, state]) => state !== "healthy");
    if (ill.length > 0) {
      return fault(part, `Not healthy: ${ill.map(([name]) => name).join(", ")}.`, mend);
    }
    return well(part, `Every part of ${url} is healthy.`);
  } catch (error) {
    return fault(part, `${url} cannot be reached: ${reasonOf(error)}.`, mend);
  }
}

const NO_JSON = "answers with something that is no JSON.";

/**
 * @returns the body of an answer; undefined if it is no JSON.
 * @throws if it breaks off.
 */
async function jsonOf(answer: Response): Promise<unknown> {
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @returns the part of the output that names the reason: wrangler marks it, and adds advice at the end. */
export function reasonIn(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split("\n")
    .map((line) => line.replace(/^.*\[ERROR\]/, "").trim());
  return lines.find((line) => /error|token|not found/i.test(line)) ?? lines[0] ?? "";
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
