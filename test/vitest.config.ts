/** The suites: plain Node (which proves purity), workerd, and the whole product end to end. */
import { fileURLToPath } from "node:url";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { productAsOneModule } from "./worker/setup/one-module.ts";

const root = fileURLToPath(import.meta.resolve(".."));
const oneModule = productAsOneModule(root.replace(/\/$/, ""), process.argv.includes("--coverage"));

/**
 * Libraries of many modules, each made one for workerd, which every worker test file starts anew.
 * Not hono: whoever imported a part of it that is not named here would have a second copy.
 */
const BUNDLED = [
  "@clickhouse/client-web",
  "@modelcontextprotocol/client",
  "@pydantic/genai-prices",
  "cockatiel",
  "drizzle-orm",
  "drizzle-orm/d1",
  "drizzle-orm/sqlite-core",
  "fast-check",
  "jose",
  "openai",
  "uuid",
  "zod",
  "zod/v4",
];

/** Files that change what a whole isolate shares: they need one of their own. */
const ALONE = [
  "test/worker/store/identities.test.ts",
  "test/worker/store/sign-in-failures.test.ts",
  "test/worker/http/password.test.ts",
  "test/worker/http/simulated-provider.test.ts",
  "test/worker/account/deletion.test.ts",
  "test/worker/thread/cancel-replay.test.ts",
  "test/worker/thread/expiry.test.ts",
  "test/worker/thread/promises.test.ts",
  "test/worker/thread/team.test.ts",
];

/**
 * Files that share one isolate: starting it anew takes longer than most of them do. Not all in one,
 * because what they import stays in its 128 MB of memory.
 */
const TOGETHER = [
  "test/worker/http/[a-d]*.test.ts",
  "test/worker/http/[e-l]*.test.ts",
  "test/worker/http/[m-p]*.test.ts",
  "test/worker/http/[q-z]*.test.ts",
  "test/worker/store/*.test.ts",
  "test/worker/thread/[a-f]*.test.ts",
  "test/worker/thread/[g-p]*.test.ts",
  "test/worker/thread/[q-z]*.test.ts",
  "test/worker/account/*.test.ts",
];

/** The history of who comes now in three databases, for the tests of just that. */
const SHARDED = {
  d1Databases: { HISTORY_1: "history-1", HISTORY_2: "history-2" },
  bindings: {
    HISTORY_SHARDS: JSON.stringify([
      { from: "1970-01-01T00:00:00Z", databases: ["DB"] },
      { from: "2026-01-01T00:00:00Z", databases: ["DB", "HISTORY_1", "HISTORY_2"] },
    ]),
  },
};

/** Files at once of the suites that start servers of their own: they wait as much as they work. */
const E2E_WORKERS = 2;

/** Minutes of a browser: `npm run test:page` runs them, beside those of the page that `npm test` has. */
const WHOLE_PAGE = [
  "test/e2e/page/{budgets,long-thread,report,run,server-sign-in,settings,threads,two-tabs,usage,webhooks}.test.ts",
];

/**
 * @param more what its Worker is bound to beside what all are.
 * @returns a project whose files run in workerd: each in one of its own, or all in the same.
 */
function inWorkerd(
  files: {
    readonly name: string;
    readonly include: string[];
    readonly exclude?: string[];
    readonly isolate: boolean;
  },
  more: Partial<typeof SHARDED> = {},
): TestProjectInlineConfiguration {
  return {
    root,
    plugins: [
      oneModule,
      cloudflareTest(async () => ({
        wrangler: { configPath: "./wrangler.toml" },
        miniflare: {
          ...more,
          bindings: {
            ...more.bindings,
            JWT_SECRET: "a-secret-for-tests-of-more-than-32-characters",
            DEMO_PACE_MS: "0",
            MIGRATIONS: await readD1Migrations(`${root}/migrations`),
          },
          // Everybody in a file, and in those beside it, comes from one address.
          ratelimits: {
            REQUEST_LIMIT: { namespace_id: "1", simple: { limit: 1_000_000, period: 60 } },
            SIGN_IN_LIMIT: { namespace_id: "2", simple: { limit: 1_000_000, period: 60 } },
          },
        },
      })),
    ],
    test: {
      ...files,
      // On a busy machine; no test waits for it.
      testTimeout: 60_000,
      setupFiles: ["test/worker/setup/migrations.ts"],
      deps: { optimizer: { ssr: { enabled: true, include: BUNDLED } } },
    },
  };
}

export default defineConfig({
  root,
  test: {
    reporters: ["default", "./test/red-tests.ts"],
    coverage: {
      provider: "istanbul",
      include: ["src/**/*.{ts,tsx}"],
      exclude: ["src/bindings.d.ts", "src/**/*.config.ts"],
      reporter: ["text-summary", "json-summary", "html"],
      reportsDirectory: "coverage",
      reportOnFailure: true,
      thresholds: { lines: 90 },
    },
    projects: [
      {
        root,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          environment: "node",
          // Nothing in them outlives its file, and a process for each takes longer than most of them do.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        root,
        test: {
          name: "unit-page",
          include: ["test/unit/**/*.test.tsx"],
          environment: "node",
          testTimeout: 60_000,
        },
      },
      inWorkerd({
        name: "worker",
        include: ["test/{hostile,worker/policies,worker/usage}/**/*.test.ts", ...ALONE],
        isolate: true,
      }),
      inWorkerd(
        { name: "worker-shards", include: ["test/worker/shards/*.test.ts"], isolate: false },
        SHARDED,
      ),
      ...TOGETHER.map((include, index) =>
        inWorkerd({
          name: `worker-together-${index + 1}`,
          include: [include],
          exclude: ALONE,
          isolate: false,
        }),
      ),
      {
        root,
        test: {
          name: "analytics",
          include: ["test/analytics/**/*.test.ts"],
          environment: "node",
          maxWorkers: E2E_WORKERS,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        root,
        test: {
          name: "e2e",
          include: ["test/{doors,e2e}/**/*.test.ts"],
          exclude: [
            ...configDefaults.exclude,
            ...(process.env.WHOLE_PAGE === undefined ? WHOLE_PAGE : []),
          ],
          globalSetup: ["test/e2e/setup.ts"],
          // For a machine so busy that a deadline of the product's own is past; the log's end names what was retried.
          retry: 1,
          environment: "node",
          maxWorkers: E2E_WORKERS,
          // For a busy machine, as all of these; no test waits for it.
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
