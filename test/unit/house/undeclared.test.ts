/** What declares no permission does not compile: each planted violation is one that the compiler must find. */
import { expect, test } from "vitest";
import * as z from "zod";
import type { Tool } from "../../../src/core/tool.ts";
import { ANYBODY, defineRoute, requires } from "../../../src/http/define-route.ts";
import { toolScope } from "../../../src/protocol/scopes.ts";
import { defineTool } from "../../../src/tools/define-tool.ts";
import { toolOf } from "../core/scripted-tools.ts";

const route = {
  method: "get",
  path: "/api/all",
  responses: { 204: { description: "All" } },
} as const;

const tool = {
  name: "all",
  description: "Tells all.",
  input: z.strictObject({}),
  output: z.object({}),
  readOnly: true,
  timeoutMs: 1,
  operation: () => "Tells all that there is to be told.",
  run: async () => ({ output: {}, findings: [] }),
};

test("a route compiles with a permission alone, and the document tells of it", () => {
  // @ts-expect-error Nobody says who may call it.
  defineRoute(route);
  // @ts-expect-error Not in the table.
  requires("everything");

  expect(defineRoute({ ...route, ...ANYBODY })).toMatchObject({ "x-permission": "anybody" });
  expect(defineRoute({ ...route, ...requires("usage:read") })).toMatchObject({
    "x-permission": "usage:read",
    security: [{ bearer: [] }, { cookie: [] }],
  });
});

test("a tool compiles with a permission for tools alone", () => {
  // @ts-expect-error Nobody says who may have it called.
  defineTool(tool);
  // @ts-expect-error The run of a message is bounded by scopes for tools.
  defineTool({ ...tool, permission: "usage:read" });
  const { permission: _, ...rest } = toolOf();
  // @ts-expect-error A tool made by hand is no exception.
  const undeclared: Tool = rest;

  expect(undeclared).not.toHaveProperty("permission");
  expect(defineTool({ ...tool, permission: toolScope("all") }).permission).toBe("tools:all");
});
