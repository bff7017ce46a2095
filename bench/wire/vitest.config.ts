/** Runs the measurement inside workerd, on the real sockets of a real object. */
import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(import.meta.resolve("../..")),
  plugins: [
    cloudflareTest({
      wrangler: { configPath: "./wrangler.toml" },
      miniflare: { bindings: { JWT_SECRET: "a-secret-for-a-bench-of-more-than-32-characters" } },
    }),
  ],
  test: {
    include: ["bench/wire/worker-time.ts"],
    testTimeout: 120_000,
    disableConsoleIntercept: true,
    reporters: [],
  },
});
