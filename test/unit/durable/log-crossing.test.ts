/** What is being served crosses to objects: with each of their calls, and with nothing else. */
import { describe, expect, it } from "vitest";
import { crossing, logEntries } from "../../../src/durable/log-crossing.ts";
import { logContext, withLogContext } from "../../../src/telemetry/log.ts";

class Ledger {
  readonly owner = "ada";
  readonly fetched: unknown[][] = [];

  static {
    logEntries(Ledger.prototype, ({ owner }) => ({ user_id: owner }));
  }

  async read(...given: unknown[]) {
    await Promise.resolve();
    return { given, context: logContext() };
  }

  fetch(...given: unknown[]): number {
    return this.fetched.push(given);
  }
}

describe("a call of an object", () => {
  it("is served in its caller's context and the object's own, with the arguments it was given", async () => {
    const told = await withLogContext({ request_id: "r", user_id: "not ada" }, () =>
      crossing(new Ledger()).read(1, undefined),
    );
    expect(told).toEqual({
      given: [1, undefined],
      context: { request_id: "r", user_id: "ada" },
    });
  });

  it("that nobody brought anything along with is served in the object's own", async () => {
    const like = { "apex.log_context": { request_id: "r" }, more: true };
    for (const given of [[], [null], [{}], [like]]) {
      expect(await new Ledger().read(...given)).toEqual({ given, context: { user_id: "ada" } });
    }
  });

  it("by a request has what it says by itself, and no argument beside it", () => {
    const ledger = new Ledger();
    withLogContext({ request_id: "r" }, () => crossing(ledger).fetch("request"));
    expect(ledger.fetched).toEqual([["request"]]);
  });

  it("leaves alone what is no call", () => {
    expect(crossing(new Ledger()).owner).toBe("ada");
  });
});
