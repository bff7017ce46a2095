/** `npm run doctor`: finds what prevents the product from running or being deployed, and says how to fix it. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import * as z from "zod";
import type { Finding, Patient } from "./doctor/finding.ts";
import { history } from "./doctor/history.ts";
import { bindings, packages, page, settings, variablesOf } from "./doctor/local-parts.ts";
import { databases } from "./doctor/marks.ts";
import { analytics, deployment, migrations, model, secrets } from "./doctor/remote-parts.ts";
import { SETTING_NAMES } from "./setting-names.ts";

const USAGE = `Usage: npm run doctor [-- --env staging|production] [--url https://…]

Looks at packages, bindings, databases, the shards of the history, settings, secrets, migrations, the model and the analytics, and with --url at a
deployment; says how to mend each. The values of the platform's secrets can't be read back: what
.dev.vars.<environment> says of them is looked at in their place, where it is there. Exit code 0: nothing
stands in the way.
`;
const MARKS = { well: "✓", fault: "✗", unknown: "?" } as const;

process.chdir(resolve(import.meta.dirname, ".."));

/**
 * @returns the settings whose values are known here. In development those of the environment outrank those of files,
 *   and they what wrangler.toml sets; elsewhere that is what the platform has.
 */
function knownSettings(environment: Patient["environment"]): Record<string, string> {
  const isLocal = environment === "development";
  const files = isLocal ? [".dev.vars", ".env"] : [`.dev.vars.${environment}`];
  const variables = variablesOf(environment);
  const given: NodeJS.Dict<string> = isLocal ? { ...variables } : {};
  for (const file of files) {
    if (existsSync(file)) Object.assign(given, parseEnv(readFileSync(file, "utf8")));
  }
  // The environment of this shell is what npm start passes on; a deployment has its own.
  Object.assign(given, isLocal ? process.env : variables);
  const known = SETTING_NAMES.flatMap((name) => {
    const value = given[name];
    return value ? [[name, value] as const] : [];
  });
  return { ...Object.fromEntries(known), ENVIRONMENT: environment };
}

/** Development generates its own secret. Of a deployment, only its files are known here. */
function withStandIns({ environment, settings: known }: Patient): Record<string, string> | null {
  if (known.JWT_SECRET || known.JWT_SIGNING_KEYS) return known;
  return environment === "development"
    ? { ...known, JWT_SECRET: "made by npm start".padEnd(32) }
    : null;
}

async function examine(patient: Patient, url: string | undefined): Promise<Finding[]> {
  const given = withStandIns(patient);
  const { config, finding } =
    given === null ? NOTHING_KNOWN : settings({ ...patient, settings: given });
  return [
    packages(),
    page(),
    bindings(patient),
    finding,
    await secrets(patient),
    ...(await migrations(patient)),
    await databases(patient),
    await history(patient),
    ...(config === null ? [] : [await model(config), await analytics(config)]),
    ...(url === undefined ? [] : [await deployment(url)]),
  ];
}

const NOTHING_KNOWN = {
  config: null,
  finding: {
    part: "Settings",
    state: "unknown",
    said: "Their values are known to the platform alone.",
    mend: "Put them into .dev.vars.<environment> to have them, the model and the analytics looked at from here.",
  },
} as const;

/** @returns the exit code. */
async function doctor(): Promise<number> {
  const { values } = parseArgs({
    options: {
      env: { type: "string", default: "development" },
      url: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const environment = z.enum(["development", "staging", "production"]).safeParse(values.env);
  if (values.help || !environment.success) {
    (values.help ? process.stdout : process.stderr).write(USAGE);
    return values.help ? 0 : 2;
  }
  const patient = { environment: environment.data, settings: knownSettings(environment.data) };
  const findings = await examine(patient, values.url);
  for (const { part, state, said, mend } of findings) {
    console.log(`${MARKS[state]} ${part}: ${said}${mend === undefined ? "" : `\n    → ${mend}`}`);
  }
  const faults = findings.filter(({ state }) => state === "fault").length;
  console.log(faults === 0 ? "Nothing stands in the way." : `${faults} to mend.`);
  return faults === 0 ? 0 : 1;
}

process.exitCode = await doctor();
