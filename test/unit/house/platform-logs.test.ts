/** What the platform writes of a request by itself: addresses hold the tokens of shared links. */
import { expect, test } from "vitest";
import { unstable_readConfig as readWranglerConfig } from "wrangler";

test.each([undefined, "staging", "production"])(
  "In environment %s our own lines are kept, and the platform's line with the address is not",
  (env) => {
    const { observability } = readWranglerConfig(
      { config: "wrangler.toml", env },
      { hideWarnings: true },
    );
    expect(observability?.enabled).toBe(true);
    expect(observability?.logs?.invocation_logs).toBe(false);
  },
);
