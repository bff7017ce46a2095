/** Health and configuration: a probe is told the truth, also while parts are missing. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Health } from "../../../src/protocol/api.ts";
import { ask, problemOf } from "./ask.ts";

afterEach(() => vi.restoreAllMocks());

const broken = {
  ENVIRONMENT: "prod",
  JWT_SECRET: "hunter2",
  MODEL_PROVIDER: "openai",
  OPENAI_BASE_URL: "nowhere",
  HISTORY_SHARDS: '[{"from":"1970-01-01T00:00:00Z","databases":["DB","HISTORY_9"]}]',
};

function database(first: () => Promise<unknown>) {
  return { DB: { prepare: () => ({ first }) } };
}

describe("while the configuration is not valid", () => {
  it.each(["/health", "/health/ready", "/api/auth/login", "/api/nothing"])(
    "%s names every setting at fault, and no value",
    async (path) => {
      vi.spyOn(console, "error").mockImplementation(() => {});
      const problem = await problemOf(await ask(path, { bindings: broken }));

      expect(problem).toMatchObject({ status: 503, code: "misconfigured" });
      expect(problem.errors?.map(({ field }) => field)).toEqual([
        "ENVIRONMENT",
        "JWT_SECRET",
        "OPENAI_BASE_URL",
        "HISTORY_SHARDS",
        "OPENAI_API_KEY",
      ]);
      expect(JSON.stringify(problem)).not.toContain("hunter2");
    },
  );

  it("the log names the settings, and no value", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});

    await ask("/health", { bindings: broken });

    expect(logged.mock.calls.join()).toContain("JWT_SECRET");
    expect(logged.mock.calls.join()).not.toContain("hunter2");
  });

  it("the process is alive all the same", async () => {
    const response = await ask("/health/live", { bindings: broken });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "healthy" });
  });
});

describe("while the database", () => {
  it.each<[string, () => Promise<unknown>]>([
    ["fails", () => Promise.reject(new Error("D1_ERROR"))],
    ["is silent", () => new Promise(() => {})],
  ])("%s, nothing is ready, and the report says which part it is", async (_, first) => {
    const bindings = database(first);

    expect((await ask("/health/ready", { bindings })).status).toBe(503);
    const report = await ask("/health", { bindings });
    expect(report.status).toBe(200);
    expect(await report.json()).toMatchObject({
      status: "degraded",
      parts: { worker: "healthy", database: "degraded" },
    });
  });
});

describe("while all is well", () => {
  it.each(["/health", "/health/ready", "/api/health"])(
    "%s says so, and names the model provider",
    async (path) => {
      const response = await ask(path, { bindings: { ...env, OPENAI_API_KEY: "sk-test" } });

      expect(response.status).toBe(200);
      expect(Health.parse(await response.json())).toEqual({
        status: "healthy",
        parts: {
          worker: "healthy",
          database: "healthy",
          objects: "healthy",
          model: "healthy",
          analytics: "healthy",
          history: "healthy",
        },
        model_provider: "openai",
      });
    },
  );
});
