/** The guard in front of D1: its failures are typed, and its silence ends. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { D1_DEADLINE_MS, guardD1 } from "../../../src/store/database.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("a query that D1 does not answer", () => {
  it("is unavailable where it fails, and hides the query", async () => {
    const failure = guardD1(env.DB.prepare("SELECT secret FROM nowhere").run());

    await expect(failure).rejects.toMatchObject({
      code: "unavailable",
      message: "The database did not answer. Please try again.",
      retryAfter: 2,
    });
  });

  it("is unavailable once its deadline has passed", async () => {
    vi.useFakeTimers();
    const failure = expect(guardD1(new Promise(() => {}))).rejects.toMatchObject({
      code: "unavailable",
    });

    await vi.advanceTimersByTimeAsync(D1_DEADLINE_MS);

    await failure;
  });
});

describe("a query that D1 answers", () => {
  it("gives the answer, and leaves no timer behind", async () => {
    vi.useFakeTimers();

    expect(await guardD1(Promise.resolve(7))).toBe(7);

    expect(vi.getTimerCount()).toBe(0);
  });
});
