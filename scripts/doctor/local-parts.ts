/** The parts that this checkout has: packages, page, bindings, settings. */
import { existsSync, readFileSync } from "node:fs";
import { unstable_readConfig as readWranglerConfig } from "wrangler";
import * as z from "zod";
import { type Config, readConfig } from "../../src/env.ts";
import { ApexError } from "../../src/protocol/errors.ts";
import { type Finding, fault, type Patient, unknown, well } from "./finding.ts";

const Package = z.object({ version: z.string() });
const Pinned = z.object({ devDependencies: z.record(z.string(), z.string()) });
const Bound = z.object({
  name: z.string(),
  d1_databases: z.array(z.object({ binding: z.string(), database_id: z.string().default("0") })),
  vars: z.record(z.string(), z.unknown()),
  kv_namespaces: z.array(z.object({ binding: z.string(), id: z.string().default("0") })),
});
/** The placeholder in wrangler.toml until it is replaced with an id. */
const PLACEHOLDER = /^[0-]+\d?$/;

const parse = <Schema extends z.ZodType>(schema: Schema, file: string): z.output<Schema> =>
  schema.parse(JSON.parse(readFileSync(file, "utf8")));

/** @returns whether the packages that are installed are those that are pinned. */
export function packages(): Finding {
  const file = "node_modules/wrangler/package.json";
  const pinned = parse(Pinned, "package.json").devDependencies.wrangler;
  if (!existsSync(file)) return fault("Packages", "They are not installed.", "Run npm ci.");
  const { version } = parse(Package, file);
  return version === pinned
    ? well("Packages", `wrangler ${version}, Node.js ${process.versions.node}`)
    : fault("Packages", `wrangler is ${version}, not ${pinned}.`, "Run npm ci.");
}

/** @returns whether the page is built, as `wrangler dev` and `wrangler deploy` take it. */
export function page(): Finding {
  return existsSync("dist/page/index.html")
    ? well("Page", "It is built.")
    : unknown(
        "Page",
        "It is not built yet.",
        "npm start and npm run deploy build it; or npm run build.",
      );
}

/** @returns the bindings and variables of an environment in wrangler.toml. */
export function boundIn(environment: Patient["environment"]): z.output<typeof Bound> {
  const env = environment === "development" ? undefined : environment;
  return Bound.parse(readWranglerConfig({ config: "wrangler.toml", env }, { hideWarnings: true }));
}

/** @returns the variables that wrangler.toml sets for an environment. */
export function variablesOf(environment: Patient["environment"]): Record<string, string> {
  const texts = Object.entries(boundIn(environment).vars).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value] as const] : [],
  );
  return Object.fromEntries(texts);
}

/** @returns whether wrangler.toml has the bindings of an environment. */
export function bindings({ environment }: Patient): Finding {
  const config = boundIn(environment);
  if (environment === "development") return well("Bindings", "Those of this machine.");
  const missing = [
    ...config.d1_databases
      .filter(({ database_id }) => PLACEHOLDER.test(database_id))
      .map(({ binding }) => `the id of the D1 database ${binding}`),
    ...config.kv_namespaces
      .filter(({ id }) => PLACEHOLDER.test(id))
      .map(({ binding }) => `the id of the KV namespace ${binding}`),
  ];
  if (missing.length === 0) return well("Bindings", `Those of [env.${environment}] have ids.`);
  const how = `npx wrangler d1 create ${config.name} (each database a name of its own); npx wrangler kv namespace create CACHE; put the ids they print into [env.${environment}] of wrangler.toml.`;
  return fault("Bindings", `wrangler.toml lacks ${missing.join(" and ")}.`, how);
}

/** @returns the configuration if the known values are valid, and what to report about it. */
export function settings({ environment, settings: known }: Patient): {
  readonly config: Config | null;
  readonly finding: Finding;
} {
  // Its databases are no settings: history looks at both together.
  const { HISTORY_SHARDS: _, ...given } = known;
  try {
    const config = readConfig(given);
    const keys = config.signingKeys.length;
    const signed = keys > 0 ? `${keys} key pairs sign` : "a shared secret signs";
    const said = `All are valid; ${signed}; the model is ${config.modelProvider === "demo" ? "the offline demo" : config.models.join(", ")}.`;
    return { config, finding: well("Settings", said) };
  } catch (error) {
    if (!(error instanceof ApexError)) throw error;
    const file = environment === "development" ? ".env" : `.dev.vars.${environment}`;
    const finding = fault("Settings", error.message, `Mend them in the environment or in ${file}.`);
    return { config: null, finding };
  }
}
