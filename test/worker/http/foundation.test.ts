/** What holds for every request: ids, headers, limits, and failures that say what to do. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { MAX_BODY_BYTES } from "../../../src/protocol/limits.ts";
import { ask, problemOf, signUp } from "./ask.ts";
it("smoke", async () => {
  console.log(await (await ask("/api/nope")).text());
  console.log((await ask("/api/auth/login")).status, (await ask("/api/auth/login")).headers.get("allow"));
  const r = await ask("/health");
  console.log(r.status, await r.text(), [...r.headers]);
  const me = await signUp();
  console.log(me);
  const m = await ask("/api/auth/me", {token: me.access_token});
  console.log(m.status, await m.text(), [...m.headers]);
  console.log((await (await ask("/openapi.json")).text()).slice(0,3000));
});
