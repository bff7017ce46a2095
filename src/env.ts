/** The configuration: read from the bindings once and checked as a whole, so that every fault is named together. */
import * as z from "zod";
import { ClickhouseSettings, clickhouseOf, hasItsAddress } from "./env/clickhouse.ts";
import { boundDatabases, HistoryShards, namedDatabases, UNSHARDED } from "./env/history-shards.ts";
import { OpenIdProvider, TrustedIssuer } from "./env/identity.ts";
import { jsonList } from "./env/json-list.ts";
import { Origins } from "./env/origins.ts";
import { keepsSecrets, SecretUrl } from "./env/secret-url.ts";
import { SigningKeys } from "./env/signing-keys.ts";
import { TelemetrySettings, telemetryOf } from "./env/telemetry.ts";
import { ApexError } from "./protocol/errors.ts";
import { invalidFields } from "./protocol/parse-input.ts";

const Settings = z
  .object({
    ENVIRONMENT: z.enum(["development", "staging", "production"]),
    JWT_SECRET: z.string().min(32, "must be at least 32 characters").optional(),
    JWT_SIGNING_KEYS: SigningKeys.default([]),
    MODEL_PROVIDER: z.enum(["openai", "demo"]),
    OPENAI_API_KEY: z.string().optional(),
    OPENAI_BASE_URL: z
      .url({ protocol: /^https?$/, error: "must be an http or https URL" })
      .optional(),
    MODEL: z
      .string()
      .regex(/[^\s,]/, "must name a model, or several by comma")
      .default("gpt-5-mini")
      .transform((list) => list.split(",").map((model) => model.trim()))
      .transform((list) => list.filter((model) => model !== ""))
      .pipe(z.tuple([z.string()], z.string())),
    ALLOWED_ORIGINS: Origins,
    DEMO_PACE_MS: z.coerce
      .number("must be a number of milliseconds")
      .int("must be a whole number of milliseconds")
      .min(0, "must not be negative")
      .max(10_000, "must be at most 10000")
      .default(12),
    GITHUB_CLIENT_ID: z.string().optional(),
    GITHUB_CLIENT_SECRET: z.string().optional(),
    GITHUB_URL: SecretUrl.default("https://github.com"),
    GITHUB_API_URL: SecretUrl.default("https://api.github.com"),
    GOOGLE_CLIENT_ID: z.string().optional(),
    GOOGLE_CLIENT_SECRET: z.string().optional(),
    OIDC_PROVIDERS: jsonList(OpenIdProvider, ({ name }) => name),
    OAUTH_SIMULATION_KEY: z.string().min(32, "must be at least 32 characters").optional(),
    TRUSTED_ISSUERS: jsonList(TrustedIssuer, ({ issuer }) => issuer),
    HISTORY_SHARDS: HistoryShards.optional(),
    /** No setting: the bindings that are databases. */
    bound_databases: z.array(z.string()),
    ...ClickhouseSettings,
    ...TelemetrySettings,
  })
  .refine(hasItsAddress, {
    path: ["CLICKHOUSE_URL"],
    message: "must be set where its user, password or database is",
    when: () => true,
  })
  .refine((given) => areBound(given.HISTORY_SHARDS, given.bound_databases), {
    path: ["HISTORY_SHARDS"],
    message: "must name bindings of D1 databases alone",
    when: ({ issues }) => issues.every(({ path }) => path?.[0] !== "HISTORY_SHARDS"),
  })
  .refine((given) => given.JWT_SECRET !== undefined || given.JWT_SIGNING_KEYS?.length !== 0, {
    path: ["JWT_SECRET"],
    message: "must be set, or JWT_SIGNING_KEYS instead",
    when: () => true,
  })
  .refine((given) => given.MODEL_PROVIDER !== "openai" || given.OPENAI_API_KEY !== undefined, {
    path: ["OPENAI_API_KEY"],
    message: "must be set where MODEL_PROVIDER is openai",
    when: () => true,
  })
  .refine((given) => given.ENVIRONMENT === "development" || keepsSecrets(given.OPENAI_BASE_URL), {
    path: ["OPENAI_BASE_URL"],
    message: "must be https, but to this machine itself",
    when: () => true,
  })
  .refine((given) => isPair(given.GITHUB_CLIENT_ID, given.GITHUB_CLIENT_SECRET), {
    path: ["GITHUB_CLIENT_SECRET"],
    message: "must be set where GITHUB_CLIENT_ID is, and only there",
    when: () => true,
  })
  .refine((given) => isPair(given.GOOGLE_CLIENT_ID, given.GOOGLE_CLIENT_SECRET), {
    path: ["GOOGLE_CLIENT_SECRET"],
    message: "must be set where GOOGLE_CLIENT_ID is, and only there",
    when: () => true,
  });

function areBound(eras: HistoryShards | undefined, bound: readonly string[]): boolean {
  return eras === undefined || namedDatabases(eras).every((name) => bound.includes(name));
}

function isPair(id: string | undefined, secret: string | undefined): boolean {
  return (id === undefined) === (secret === undefined);
}

const Config = Settings.transform((given) => ({
  environment: given.ENVIRONMENT,
  /** Signs access tokens and tickets where there are no key pairs; beside them it only verifies. */
  jwtSecret: given.JWT_SECRET,
  /** Key pairs: the first signs, all verify. */
  signingKeys: given.JWT_SIGNING_KEYS,
  modelProvider: given.MODEL_PROVIDER,
  /** Set wherever `modelProvider` is `openai`. */
  openaiApiKey: given.OPENAI_API_KEY,
  /** Undefined for OpenAI's own endpoint. */
  openaiBaseUrl: given.OPENAI_BASE_URL,
  /** The models on offer; the first is the default. */
  models: given.MODEL,
  /** The origins of other hosts whose pages may read answers and open sockets. */
  allowedOrigins: given.ALLOWED_ORIGINS,
  /** Milliseconds between two pieces of a demo answer. */
  demoPaceMs: given.DEMO_PACE_MS,
  github: {
    clientId: given.GITHUB_CLIENT_ID,
    clientSecret: given.GITHUB_CLIENT_SECRET,
    url: given.GITHUB_URL,
    apiUrl: given.GITHUB_API_URL,
  },
  openIdProviders: [...googleOf(given), ...given.OIDC_PROVIDERS],
  /** Null in production, and where staging has no key: then there is no simulated provider. */
  simulation: simulationOf(given),
  trustedIssuers: given.TRUSTED_ISSUERS,
  /** Whose history is in which database. */
  historyShards: given.HISTORY_SHARDS ?? UNSHARDED,
  /** Where usage records are kept; null for D1. */
  clickhouse: clickhouseOf(given),
  /** Where traces go, and who may read metrics. */
  telemetry: telemetryOf(given),
}));

function googleOf(given: z.output<typeof Settings>): z.output<typeof OpenIdProvider>[] {
  const { GOOGLE_CLIENT_ID: client_id, GOOGLE_CLIENT_SECRET: client_secret } = given;
  if (client_id === undefined || client_secret === undefined) return [];
  const issuer = "https://accounts.google.com";
  const scope = "openid email profile";
  return [{ name: "google", title: "Google", issuer, client_id, client_secret, scope }];
}

/** The simulated provider vouches for anybody: development needs no key for it, staging does. */
function simulationOf(given: z.output<typeof Settings>): { readonly key: string | null } | null {
  switch (given.ENVIRONMENT) {
    case "development":
      return { key: null };
    case "staging":
      return given.OAUTH_SIMULATION_KEY === undefined ? null : { key: given.OAUTH_SIMULATION_KEY };
    case "production":
      return null;
  }
}

/** The settings that stand, believed because they were parsed. */
export type Config = Readonly<z.output<typeof Config>>;

const known = new WeakMap<object, Config>();

/**
 * Reads the configuration from the bindings; an empty string counts as unset.
 * @throws {ApexError} `misconfigured`: every setting at fault by name, none by value.
 */
export function readConfig(env: object): Config {
  const config = known.get(env) ?? parseConfig(env);
  known.set(env, config);
  return config;
}

function parseConfig(env: object): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const stated = {
    MODEL_PROVIDER: given.OPENAI_API_KEY === undefined ? "demo" : "openai",
    ...given,
    bound_databases: boundDatabases(env),
  };
  const parsed = Config.safeParse(stated);
  if (parsed.success) return parsed.data;
  const { message, errors } = invalidFields(parsed.error, stated, "the configuration");
  throw new ApexError("misconfigured", message, { errors });
}
