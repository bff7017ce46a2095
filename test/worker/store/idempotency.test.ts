/** Idempotency keys in D1: whose a key is, also while others come and go. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { newId } from "../../../src/core/clock.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { IdempotencyKeys } from "../../../src/store/idempotency.ts";
import { somebody } from "../http/somebody.ts";

const NOW = "2026-11-21T12:00:00.000Z";
const LATER = "2026-11-21T12:01:00.000Z";

it("a key that its holder gives back in the same moment is under way, never one too many", async () => {
  const { user } = await somebody();
  const request = { route: "POST /api/threads", key: newId(), fingerprint: "f" };
  const holder = new IdempotencyKeys(openDatabase(env.DB), user.id);
  expect(await holder.claim(request, NOW, LATER)).toEqual({ kind: "first" });
  const meddled = new Proxy(env.DB, {
    get(target, name) {
      if (name !== "batch") {
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      }
      return async (statements: D1PreparedStatement[]) => {
        const results = await target.batch(statements);
        await holder.release(request);
        return results;
      };
    },
  });

  const other = new IdempotencyKeys(openDatabase(meddled), user.id);
  expect(await other.claim(request, NOW, LATER)).toEqual({ kind: "under_way" });
  expect(await other.claim(request, NOW, LATER)).toEqual({ kind: "first" });
});
