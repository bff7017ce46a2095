/** The routes of the tools: listing them, and calling one without an agent. */
import type { Context } from "hono";
import * as z from "zod";
import { assertPermitted } from "../../auth/permission.ts";
import { newId } from "../../core/clock.ts";
import type { Tool } from "../../core/tool.ts";
import { executeCall } from "../../core/tool-call.ts";
import { ApexError } from "../../protocol/errors.ts";
import { CallId, RunId } from "../../protocol/ids.ts";
import {
  ExecuteToolBody,
  ToolDescription,
  ToolExecution,
  ToolName,
  Tools,
} from "../../protocol/tools.ts";
import { consoleLog } from "../../telemetry/log.ts";
import { portsOf } from "../../thread/ports.ts";
import { defineRoute, requires } from "../define-route.ts";
import { describeTool } from "../describe-tool.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { workspaceIdOf } from "../own-usage.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["Tools"];
const params = z.object({ tool: ToolName });
const REFUSED = problems("unauthenticated", "token_invalid", "token_expired", "forbidden");

const list = defineRoute({
  method: "get",
  path: "/api/tools",
  tags,
  ...requires("runs:read"),
  summary: "The tools that agents have",
  responses: { 200: jsonAnswer(Tools, "The tools"), ...REFUSED },
});

const describe = defineRoute({
  method: "get",
  path: "/api/tools/{tool}",
  tags,
  ...requires("runs:read"),
  summary: "A tool",
  request: { params },
  responses: {
    200: jsonAnswer(ToolDescription, "The tool, with the JSON Schema of its arguments"),
    ...REFUSED,
    ...problems("not_found"),
  },
});

const execute = defineRoute({
  method: "post",
  path: "/api/tools/{tool}/execute",
  tags,
  ...requires("runs:write"),
  summary: "Call a tool",
  description:
    "Takes the tool's own permission beside. A tool whose calls a person has to approve is refused with `approval_required`: an agent calls it in a run, and waits there for the approval.",
  request: { params, body: { ...jsonBody(ExecuteToolBody), required: false } },
  responses: {
    200: jsonAnswer(ToolExecution, "What the tool found"),
    ...REFUSED,
    ...problems("approval_required", "malformed_body", "not_found", "unsupported_media_type"),
    ...problems("invalid_fields", "quota_exceeded", "tool_failed", "tool_timeout"),
  },
});

/** @returns the routes below /api/tools. */
export function toolRoutes() {
  const router = createRouter();
  router.openapi(list, (c) => c.json({ data: portsOf(c.env).tools.map(describeTool) }, 200));
  router.openapi(describe, (c) => c.json(describeTool(toolOf(c, c.req.valid("param").tool)), 200));
  router.openapi(execute, async (c) => {
    const tool = toolOf(c, c.req.valid("param").tool);
    assertPermitted(c.var.principal.scopes, tool.permission);
    if (tool.approval !== null) {
      const detail = `A person has to approve each call of ${tool.name}: ask an agent for it, and decide at /api/runs/{id}/approvals/{call_id}.`;
      throw new ApexError("approval_required", detail);
    }
    return c.json(await call(c, tool, c.req.valid("json")), 200);
  });
  return router;
}

/** @throws {ApexError} `invalid_fields`, or the tool's own error. */
async function call(
  c: Context<SignedInEnv>,
  tool: Tool,
  body: ExecuteToolBody,
): Promise<ToolExecution> {
  const { clock } = portsOf(c.env);
  const call_id = CallId.parse(newId());
  const asked = { id: call_id, name: tool.name, arguments: JSON.stringify(body.arguments) };
  const outcome = await executeCall(asked, [tool], {
    userId: c.var.principal.userId,
    workspaceId: await workspaceIdOf(c),
    // A run that does not exist, so a tool that looks up its run finds nothing.
    runId: RunId.parse(`${call_id}.1`),
    signal: c.req.raw.signal,
    clock,
    log: consoleLog,
  });
  if (outcome.problem !== null) throw ApexError.fromProblem(outcome.problem);
  return {
    call_id,
    tool_name: tool.name,
    duration_ms: outcome.durationMs,
    output: outcome.results,
    findings: [...outcome.findings],
    degraded: outcome.degraded,
  };
}

function toolOf(c: Context<SignedInEnv>, name: string): Tool {
  const tool = portsOf(c.env).tools.find((each) => each.name === name);
  if (tool === undefined) throw notFound();
  return tool;
}
