import { expect, it, vi } from "vitest";
import { env } from "cloudflare:workers";
import { MAX_SOCKETS } from "../../../src/protocol/limits.ts";
import { beginThread } from "./conversation.ts";
import { holdModel } from "./held-model.ts";
import { ask } from "../http/ask.ts";
import { runInDurableObject, evictDurableObject } from "cloudflare:test";

it("evict during live run", async () => {
  const model = await holdModel();
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say("live evict");
  const t = await model.turn("live evict");
  t.write("abc");
  const e = evictDurableObject(thread.object).then(() => console.log("evicted"), (x) => console.log("evict failed", String(x)));
  await new Promise((r) => setTimeout(r, 300));
  t.end("x");
  await e;
  const c = await Promise.race([client.completed(run_id).then((d) => d.data.final_response, String)]);
  console.log(c, client.events.map((e) => e.type), model.turns("live evict").length);
});
it("live deltas rows", async () => {
  const model = await holdModel();
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say("count");
  const t = await model.turn("count");
  const size = () => runInDurableObject(thread.object, (_, s) => JSON.stringify(s.storage.sql.exec("select total_changes() as c").toArray()));
  console.log(await size());
  for (let i = 0; i < 250; i++) t.write("word ");
  t.end();
  await client.completed(run_id);
  console.log(await size());
});
it("post stream at capacity", async () => {
  const model = await holdModel();
  const thread = await beginThread();
  await Promise.all(Array.from({ length: MAX_SOCKETS }, () => thread.connect()));
  const r = await thread.ask("/messages", { body: { content: "full house" }, headers: { accept: "text/event-stream" } });
  console.log(r.status, await r.text());
  console.log(await thread.rowCounts());
});
it("run during outage", async () => {
  const model = await holdModel();
  const thread = await beginThread();
  await env.DB.exec("CREATE TRIGGER outage BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'outage'); END");
  const r = await thread.ask("/messages", { body: { content: "outage" } });
  console.log(r.status, (await ask(r.headers.get("location") ?? "", { token: thread.owner.access_token })).status);
  await env.DB.exec("DROP TRIGGER outage");
});
it("expired listener", async () => {
  const model = await holdModel();
  const thread = await beginThread();
  const client = await thread.connect();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 20 * 60_000 });
  client.send({ type: "ping", x: 1 });
  await client.frame("pong");
  vi.useRealTimers();
});
