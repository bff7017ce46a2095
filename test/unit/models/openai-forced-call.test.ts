/** A turn that has to call something, as the endpoint is told of it. */
import { expect, test } from "vitest";
import { serveModels } from "./endpoint.ts";
import { read, requestOf } from "./fixture.ts";

const scripted = serveModels();

const tool = { name: "get_weather", description: "The weather", parameters: { type: "object" } };

test("the endpoint is told that something has to be called, where something is there to call", async () => {
  const { model, requests } = scripted([{ text: "a" }, { text: "b" }, { text: "c" }]);
  await read(model, requestOf({ tools: [tool], mustCall: true }));
  await read(model, requestOf({ tools: [], mustCall: true }));
  await read(model, requestOf({ tools: [tool] }));
  expect(requests().map(({ body }) => body.tool_choice)).toEqual([
    "required",
    undefined,
    undefined,
  ]);
});
