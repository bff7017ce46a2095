/** The configuration: every fault at once, by name, and never a value. */
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/env.ts";
import { faultsOf, valid } from "./env-faults.ts";

const [one, other] = ["A".repeat(43), "B".repeat(43)];
const pair = { kty: "EC", crv: "P-256", alg: "ES256", kid: "one", x: one, y: one, d: other };

const okta = {
  name: "okta",
  title: "Okta",
  issuer: "https://okta.example.com",
  client_id: "id",
  client_secret: "secret",
};
const access = { issuer: "https://team.cloudflareaccess.com", audiences: ["app"] };

describe("a configuration at fault", () => {
  it("names every setting at once, also those that depend on others", () => {
    const faults = faultsOf({
      ENVIRONMENT: "prod",
      JWT_SECRET: "short",
      MODEL_PROVIDER: "openai",
      OPENAI_BASE_URL: "http://models.example.com/v1",
      MODEL: " , ",
      DEMO_PACE_MS: "soon",
    });

    const named = new Set(Object.keys(faults));
    expect(named).toEqual(
      new Set([
        "DEMO_PACE_MS",
        "ENVIRONMENT",
        "JWT_SECRET",
        "MODEL",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
      ]),
    );
  });

  it("never shows a value, in its message or its errors", () => {
    const secret = "hunter2-hunter2";
    const env = { ENVIRONMENT: secret, JWT_SECRET: secret, OPENAI_BASE_URL: secret, MODEL: "," };

    expect.assertions(2);
    try {
      readConfig(env);
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain(secret);
      expect(String(error)).not.toContain(secret);
    }
  });

  it.each([
    ["is missing", undefined],
    ["is empty", ""],
    ["has 31 characters", "x".repeat(31)],
  ])("refuses a JWT_SECRET that %s, in development too", (_, JWT_SECRET) => {
    expect(faultsOf({ ...valid, JWT_SECRET })).toHaveProperty("JWT_SECRET");
  });

  it("needs no JWT_SECRET where there are signing keys, but refuses a weak one beside them", () => {
    const keyed = { ENVIRONMENT: "development", JWT_SIGNING_KEYS: JSON.stringify([pair]) };

    expect(faultsOf(keyed)).toEqual({});
    expect(faultsOf({ ...keyed, JWT_SECRET: "weak" })).toHaveProperty("JWT_SECRET");
  });

  it.each<[string, unknown, string[]]>([
    ["is no JSON", "{", ["JWT_SIGNING_KEYS"]],
    ["is no array", pair, ["JWT_SIGNING_KEYS"]],
    ["is empty", [], ["JWT_SIGNING_KEYS", "JWT_SECRET"]],
    ["holds no key", [null], ["JWT_SIGNING_KEYS.0"]],
    ["has a kid twice", [pair, { ...pair, d: other }], ["JWT_SIGNING_KEYS"]],
    ["has a key without kid", [{ ...pair, kid: undefined }], ["JWT_SIGNING_KEYS.0.kid"]],
    ["has a kid like a path", [{ ...pair, kid: "../a" }], ["JWT_SIGNING_KEYS.0.kid"]],
    ["has a public key", [{ ...pair, d: undefined }], ["JWT_SIGNING_KEYS.0.d"]],
    ["has an unknown alg", [{ ...pair, alg: "RS256" }], ["JWT_SIGNING_KEYS.0.alg"]],
    ["has no alg", [{ ...pair, alg: undefined }], ["JWT_SIGNING_KEYS.0.alg"]],
    ["has alg none", [{ ...pair, alg: "none" }], ["JWT_SIGNING_KEYS.0.alg"]],
    ["has a secret for a key", [{ ...pair, alg: "HS256" }], ["JWT_SIGNING_KEYS.0.alg"]],
    ["has another curve", [{ ...pair, crv: "P-384" }], ["JWT_SIGNING_KEYS.0.crv"]],
    ["has a short key", [{ ...pair, d: "AAAA" }], ["JWT_SIGNING_KEYS.0.d"]],
    [
      "has several faults",
      [
        { ...pair, d: undefined },
        { ...pair, alg: "RS256" },
      ],
      ["JWT_SIGNING_KEYS.0.d", "JWT_SIGNING_KEYS.1.alg", "JWT_SIGNING_KEYS"],
    ],
  ])("names what is wrong where JWT_SIGNING_KEYS %s", (_, keys, named) => {
    const JWT_SIGNING_KEYS = typeof keys === "string" ? keys : JSON.stringify(keys);
    const faults = faultsOf({ ENVIRONMENT: "development", JWT_SIGNING_KEYS });

    expect(new Set(Object.keys(faults))).toEqual(new Set(named));
    expect(JSON.stringify(faults)).not.toContain(pair.d);
  });

  it.each(["-1", "1.5", "1e9", "NaN", "Infinity"])(
    "refuses a DEMO_PACE_MS of %s",
    (DEMO_PACE_MS) => {
      expect(faultsOf({ ...valid, DEMO_PACE_MS })).toHaveProperty("DEMO_PACE_MS");
    },
  );

  it.each(["ftp://models.example.com", "file:///etc/passwd", "javascript:alert(1)", "models"])(
    "refuses %s as OPENAI_BASE_URL",
    (OPENAI_BASE_URL) => {
      expect(faultsOf({ ...valid, OPENAI_BASE_URL })).toHaveProperty("OPENAI_BASE_URL");
    },
  );

  it.each([
    "http://models.example.com/v1",
    "http://127.0.0.1.example.com/v1",
    "http://localhost.example.com/v1",
    "http://10.0.0.1/v1",
  ])("refuses to send the key to %s in production", (OPENAI_BASE_URL) => {
    const faults = faultsOf({ ...valid, ENVIRONMENT: "production", OPENAI_BASE_URL });

    expect(faults).toHaveProperty("OPENAI_BASE_URL");
  });

  it.each<[string, object]>([
    ["GITHUB_CLIENT_SECRET", { GITHUB_CLIENT_ID: "id" }],
    ["GITHUB_CLIENT_SECRET", { GITHUB_CLIENT_SECRET: "secret" }],
    ["GOOGLE_CLIENT_SECRET", { GOOGLE_CLIENT_ID: "id" }],
    ["GITHUB_URL", { GITHUB_URL: "http://github.example.com" }],
    ["OIDC_PROVIDERS", { OIDC_PROVIDERS: "{" }],
    ["OIDC_PROVIDERS", { OIDC_PROVIDERS: "{}" }],
    ["OIDC_PROVIDERS", { OIDC_PROVIDERS: JSON.stringify([okta, okta]) }],
    ["OIDC_PROVIDERS.0.name", { OIDC_PROVIDERS: JSON.stringify([{ ...okta, name: "github" }]) }],
    ["OIDC_PROVIDERS.0.name", { OIDC_PROVIDERS: JSON.stringify([{ ...okta, name: "../x" }]) }],
    [
      "OIDC_PROVIDERS.0.issuer",
      { OIDC_PROVIDERS: JSON.stringify([{ ...okta, issuer: "http://okta.example.com" }]) },
    ],
    ["OIDC_PROVIDERS.0.scope", { OIDC_PROVIDERS: JSON.stringify([{ ...okta, scope: "email" }]) }],
    ["OIDC_PROVIDERS.0.secret", { OIDC_PROVIDERS: JSON.stringify([{ ...okta, secret: "x" }]) }],
    ["OAUTH_SIMULATION_KEY", { OAUTH_SIMULATION_KEY: "k".repeat(31) }],
    [
      "TRUSTED_ISSUERS.0.audiences",
      { TRUSTED_ISSUERS: JSON.stringify([{ ...access, audiences: [] }]) },
    ],
    [
      "TRUSTED_ISSUERS.0.algorithms.0",
      { TRUSTED_ISSUERS: JSON.stringify([{ ...access, algorithms: ["HS256"] }]) },
    ],
    [
      "TRUSTED_ISSUERS.0.header",
      { TRUSTED_ISSUERS: JSON.stringify([{ ...access, header: "x-user" }]) },
    ],
    ["TRUSTED_ISSUERS", { TRUSTED_ISSUERS: JSON.stringify([access, access]) }],
  ])("names %s among the faults of %j", (field, given) => {
    const faults = faultsOf({ ...valid, ...given, MODEL: "," });

    expect(faults).toHaveProperty([field]);
    expect(faults).toHaveProperty("MODEL");
  });

  it("is read again after it was mended", () => {
    const env = { ...valid, JWT_SECRET: "" };
    expect(faultsOf(env)).toHaveProperty("JWT_SECRET");

    env.JWT_SECRET = valid.JWT_SECRET;

    expect(readConfig(env).jwtSecret).toBe(valid.JWT_SECRET);
  });
});

describe("the settings of ClickHouse", () => {
  it.each([
    [{ CLICKHOUSE_USER: "ada" }, "CLICKHOUSE_URL", "must be set where"],
    [{ CLICKHOUSE_URL: "http://clickhouse.example.com" }, "CLICKHOUSE_URL", "must be https"],
    [
      { CLICKHOUSE_URL: "https://clickhouse.example.com", CLICKHOUSE_DATABASE: "a; DROP" },
      "CLICKHOUSE_DATABASE",
      "must be a plain name",
    ],
  ])("are refused where they are %j", (given, field, message) => {
    const errors = [expect.objectContaining({ field, message: expect.stringContaining(message) })];
    expect(() => readConfig({ ...valid, ...given })).toThrow(expect.objectContaining({ errors }));
  });

  it("name a server, as whom it is asked and for what", () => {
    const given = { CLICKHOUSE_URL: "https://clickhouse.example.com", CLICKHOUSE_PASSWORD: "p" };
    expect(readConfig({ ...valid, ...given }).clickhouse).toEqual({
      url: "https://clickhouse.example.com",
      username: "default",
      password: "p",
      database: "default",
    });
  });
});

describe("a configuration", () => {
  it("needs nothing but its environment and a secret: the demo answers then", () => {
    expect(readConfig(valid)).toEqual({
      environment: "development",
      jwtSecret: valid.JWT_SECRET,
      signingKeys: [],
      modelProvider: "demo",
      models: ["gpt-5-mini"],
      allowedOrigins: [],
      demoPaceMs: 12,
      historyShards: [{ from: 0, databases: ["DB"] }],
      github: { url: "https://github.com", apiUrl: "https://api.github.com" },
      openIdProviders: [],
      simulation: { key: null },
      trustedIssuers: [],
      clickhouse: null,
      telemetry: { collector: null, traceSample: 1, metricsToken: null },
    });
  });

  it("takes an empty string for unset", () => {
    const env = { ...valid, OPENAI_API_KEY: "", OPENAI_BASE_URL: "", MODEL: "", DEMO_PACE_MS: "" };

    expect(readConfig(env)).toEqual(readConfig(valid));
  });

  it("uses openai where a key is set, and the demo where it is asked for all the same", () => {
    const OPENAI_API_KEY = "sk-test";

    expect(readConfig({ ...valid, OPENAI_API_KEY }).modelProvider).toBe("openai");
    expect(readConfig({ ...valid, OPENAI_API_KEY, MODEL_PROVIDER: "demo" }).modelProvider).toBe(
      "demo",
    );
  });

  it("reads the models in their order, the default first", () => {
    expect(readConfig({ ...valid, MODEL: "gpt-5, gpt-5-mini,," }).models).toEqual([
      "gpt-5",
      "gpt-5-mini",
    ]);
  });

  it.each([
    ["development", "http://models.example.com/v1"],
    ["production", "https://models.example.com/v1"],
    ["production", "http://127.0.0.1:9999/v1"],
    ["staging", "http://[::1]:9999/v1"],
    ["staging", "http://localhost:9999/v1"],
  ])("in %s lets the models be at %s", (ENVIRONMENT, OPENAI_BASE_URL) => {
    expect(readConfig({ ...valid, ENVIRONMENT, OPENAI_BASE_URL }).openaiBaseUrl).toBe(
      OPENAI_BASE_URL,
    );
  });

  it("is checked once for the same bindings", () => {
    const env = { ...valid };

    expect(readConfig(env)).toBe(readConfig(env));
  });

  it("knows Google by its issuer, and other providers by what is set, with what they are asked for", () => {
    const { openIdProviders, trustedIssuers } = readConfig({
      ...valid,
      GOOGLE_CLIENT_ID: "id",
      GOOGLE_CLIENT_SECRET: "secret",
      OIDC_PROVIDERS: JSON.stringify([okta]),
      TRUSTED_ISSUERS: JSON.stringify([access]),
    });

    expect(openIdProviders).toMatchObject([
      { name: "google", issuer: "https://accounts.google.com" },
      { ...okta, scope: "openid email profile" },
    ]);
    expect(trustedIssuers).toEqual([{ ...access, algorithms: ["RS256", "ES256", "EdDSA"] }]);
  });

  it.each([
    ["development", undefined, { key: null }],
    ["development", "k".repeat(32), { key: null }],
    ["staging", undefined, null],
    ["staging", "k".repeat(32), { key: "k".repeat(32) }],
    ["production", undefined, null],
    ["production", "k".repeat(32), null],
  ])("in %s with the key %j has a simulated provider: %j", (ENVIRONMENT, key, simulation) => {
    const config = readConfig({ ...valid, ENVIRONMENT, OAUTH_SIMULATION_KEY: key ?? "" });

    expect(config.simulation).toEqual(simulation);
  });

  it("reads the origins whose pages are let in, and takes none where none is named", () => {
    const ALLOWED_ORIGINS = "https://app.example.com, http://localhost:5173,http://127.0.0.1:8080,";

    expect(readConfig(valid).allowedOrigins).toEqual([]);
    expect(readConfig({ ...valid, ALLOWED_ORIGINS }).allowedOrigins).toEqual([
      "https://app.example.com",
      "http://localhost:5173",
      "http://127.0.0.1:8080",
    ]);
  });

  it.each([
    "*",
    "https://*.example.com",
    "null",
    "app.example.com",
    "http://app.example.com",
    "https://app.example.com/",
    "https://app.example.com:443",
    "https://APP.example.com",
    "https://ada@app.example.com",
    "http://localhost.example.com",
    "wss://app.example.com",
  ])("refuses the origin %s, and names the setting", (origin) => {
    const ALLOWED_ORIGINS = `https://app.example.com,${origin}`;

    expect(() => readConfig({ ...valid, ALLOWED_ORIGINS })).toThrow(
      expect.objectContaining({
        code: "misconfigured",
        errors: [expect.objectContaining({ field: "ALLOWED_ORIGINS.1" })],
      }),
    );
  });
});

describe("the settings of telemetry", () => {
  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.example.com" }, "must be https"],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector" }, "must be an https URL"],
    [{ OTEL_EXPORTER_OTLP_HEADERS: "authorization" }, "must be name=value pairs"],
    [{ OTEL_EXPORTER_OTLP_HEADERS: "a=b%0D%0Ax-evil: 1" }, "must be name=value pairs"],
    [{ TRACE_SAMPLE: "1.5" }, "must be from 0 to 1"],
    [{ TRACE_SAMPLE: "some" }, "must be a number from 0 to 1"],
    [{ METRICS_TOKEN: "short" }, "must be at least 32 characters"],
  ])("are refused where they are %j", (given, message) => {
    const [field = ""] = Object.keys(given);
    const errors = [expect.objectContaining({ field, message: expect.stringContaining(message) })];
    expect(() => readConfig({ ...valid, ...given })).toThrow(expect.objectContaining({ errors }));
  });

  it("name a collector as OpenTelemetry has it, and what it is sent", () => {
    const given = {
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example.com/otlp/",
      OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Basic%20YTpi=, x-team = costs%2Cedge",
      TRACE_SAMPLE: "0.1",
    };
    expect(readConfig({ ...valid, ...given }).telemetry).toEqual({
      collector: {
        url: "https://collector.example.com/otlp/v1/traces",
        headers: { authorization: "Basic YTpi=", "x-team": "costs,edge" },
      },
      traceSample: 0.1,
      metricsToken: null,
    });
  });
});
