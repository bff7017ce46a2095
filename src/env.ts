/** The configuration: read from the bindings once and checked as a whole, so that every fault is named together. */
import * as z from "zod";
import { ApexError } from "./protocol/errors.ts";
import { invalidFields } from "./protocol/parse-input.ts";

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** Origins of pages by comma, each as browsers write it; nothing that would stand for several. */
const Origins = z
  .string()
  .default("")
  .transform((list) => list.split(",").map((origin) => origin.trim()))
  .transform((list) => list.filter((origin) => origin !== ""))
  .pipe(
    z.array(
      z.string().refine(isExactOrigin, "must be an exact https origin, as https://app.example.com"),
    ),
  );

const Settings = z
  .object({
    ENVIRONMENT: z.enum(["development", "staging", "production"]),
    JWT_SECRET: z.string("must be set").min(32, "must be at least 32 characters"),
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
  })
  .refine((given) => given.MODEL_PROVIDER !== "openai" || given.OPENAI_API_KEY !== undefined, {
    path: ["OPENAI_API_KEY"],
    message: "must be set where MODEL_PROVIDER is openai",
    when: () => true,
  })
  .refine((given) => given.ENVIRONMENT === "development" || keepsKeySecret(given.OPENAI_BASE_URL), {
    path: ["OPENAI_BASE_URL"],
    message: "must be https, but to this machine itself",
    when: () => true,
  });

/** http is for the loopback alone: elsewhere anybody on the way could be such a page. */
function isExactOrigin(origin: string): boolean {
  const url = URL.parse(origin);
  if (url?.origin !== origin || origin.includes("*")) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname));
}

/** Plain http would show the API key to everybody on the way; only the loopback has no way. */
function keepsKeySecret(baseUrl: string | undefined): boolean {
  const url = URL.parse(baseUrl ?? "");
  return url?.protocol !== "http:" || LOOPBACK.test(url.hostname);
}

const Config = Settings.transform((given) => ({
  environment: given.ENVIRONMENT,
  /** Signs access tokens and tickets. */
  jwtSecret: given.JWT_SECRET,
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
}));

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
  const parsed = Config.safeParse({
    MODEL_PROVIDER: given.OPENAI_API_KEY === undefined ? "demo" : "openai",
    ...given,
  });
  if (parsed.success) return parsed.data;
  const { message, errors } = invalidFields(parsed.error, "the configuration");
  throw new ApexError("misconfigured", message, { errors });
}
