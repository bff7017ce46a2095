/** From settings to a model, and a whole turn through all that stands around the endpoint. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { chooseModel } from "../../../src/models/choose.ts";
import { type ModelServer, startModelServer } from "../../model-server/main.ts";
import { join, memoryLog, only, read, requestOf } from "./fixture.ts";

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.close());

const ports = () => ({ clock: systemClock, log: memoryLog() });

/** Scripts the server as another process would: over HTTP. */
async function script(key: string, steps: unknown): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  const body = JSON.stringify({ steps });
  return (await fetch(`${server.url}/script`, { method: "POST", headers, body })).status;
}

function endpoint(apiKey: string | undefined) {
  const baseUrl = `${server.url}/v1`;
  return chooseModel(
    { provider: "openai", apiKey, baseUrl, models: ["m"], demoPaceMs: 0 },
    ports(),
  );
}

test("the demo is chosen by name, whatever else is set", () => {
  const settings = { provider: "demo", apiKey: "sk", models: ["gpt-5"], demoPaceMs: 0 } as const;
  expect(chooseModel(settings, ports())).toMatchObject({ provider: "demo", models: ["demo"] });
});

test("the first model named is the default, and there is one where none is named", () => {
  const settings = { provider: "openai", apiKey: "sk", demoPaceMs: 0 } as const;
  const named = chooseModel({ ...settings, models: ["big", "small"] }, ports());
  expect(named).toMatchObject({ provider: "openai", models: ["big", "small"] });
  expect(chooseModel({ ...settings, models: [] }, ports()).models).toEqual(["gpt-5-mini"]);
});

test("a script that makes no sense is refused by the model server", async () => {
  expect(await script("sk-odd", [{ txet: "typo" }])).toBe(400);
});

test("a stream that breaks over the wire begins anew over the wire", async () => {
  const key = "sk-restart";
  expect(
    await script(key, [{ text: "Half an ans", cut_after_events: 2 }, { text: "Whole." }]),
  ).toBe(204);
  const { chunks, error } = await read(endpoint(key), requestOf({ model: "m" }));
  expect(error).toBeUndefined();
  const restart = chunks.findIndex(({ type }) => type === "restart");
  expect(join(chunks.slice(0, restart), "text")).toBe("Half an ");
  expect(join(chunks.slice(restart), "text")).toBe("Whole.");
  expect(only(chunks, "finish")).toHaveLength(1);
  const seen = await fetch(`${server.url}/requests`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(await seen.json()).toMatchObject([{ body: { model: "m" } }, { body: { model: "m" } }]);
});

test("an endpoint that needs no key is asked without one", async () => {
  const { chunks } = await read(endpoint(undefined), requestOf());
  expect(join(chunks, "text")).toBe("You said: How many tokens did we use?");
});

test("the model server also answers a request that asks for no stream", async () => {
  await script("sk-whole", [{ text: "All at once.", tool_calls: [{ name: "t", arguments: {} }] }]);
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: "Bearer sk-whole" },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hi" }] }),
  });
  expect(await response.json()).toMatchObject({
    object: "chat.completion",
    choices: [{ message: { content: "All at once." }, finish_reason: "tool_calls" }],
  });
});
