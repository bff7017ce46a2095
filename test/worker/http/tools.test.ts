/** Tools over HTTP: what there is, and a call of one as far as its own permission goes. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Credentials } from "../../../src/protocol/api.ts";
import { ToolExecution, Tools } from "../../../src/protocol/tools.ts";
import { fieldsOf } from "../thread/client.ts";
import { type Asked, ask, problemOf } from "./ask.ts";
import { tokenWith } from "./scoped-token.ts";
import { somebody } from "./somebody.ts";
import { foundTeam } from "./team.ts";

let ada: Credentials;
const as = (path: string, asked: Asked = {}) => ask(path, { token: ada.access_token, ...asked });

beforeAll(async () => {
  ada = await somebody();
});

describe("a call of a tool is refused", () => {
  it("where there is no such tool", async () => {
    expect((await as("/api/tools/nothing")).status).toBe(404);
    expect((await as("/api/tools/nothing/execute", { method: "POST" })).status).toBe(404);
  });

  it("with arguments that do not fit, which are named", async () => {
    const body = { arguments: { days: "many", nonsense: 1 } };
    const problem = await problemOf(await as("/api/tools/cost_breakdown/execute", { body }));

    expect(problem).toMatchObject({ status: 422, code: "invalid_fields" });
    expect(fieldsOf(problem)).toContain("nonsense");
  });

  it("without the permission of the tool", async () => {
    const token = await tokenWith(await foundTeam(), ["runs:write", "tools:spend_forecast"]);
    const call = (tool: string) => ask(`/api/tools/${tool}/execute`, { token, body: {} });

    expect(await problemOf(await call("usage_summary"))).toMatchObject({ code: "forbidden" });
    expect((await call("spend_forecast")).status).not.toBe(403);
  });

  it("where a person has to approve it, and says where that is done", async () => {
    const problem = await problemOf(await as("/api/tools/publish_report/execute", { body: {} }));

    expect(problem).toMatchObject({ status: 403, code: "approval_required" });
    expect(problem.detail).toContain("/api/runs/{id}/approvals/{call_id}");
  });
});

it("the tools are listed with the JSON Schema of their arguments, and each is read by its name", async () => {
  const { data } = Tools.parse(await (await as("/api/tools")).json());
  const [first] = data;

  expect(data.length).toBeGreaterThanOrEqual(15);
  expect(first?.parameters).toMatchObject({ type: "object" });
  expect(await (await as(`/api/tools/${first?.name}`)).json()).toEqual(first);
});

it("a call gives what the tool computed, with its figures", async () => {
  const response = await as("/api/tools/usage_summary/execute", { body: { arguments: {} } });
  const execution = ToolExecution.parse(await response.json());

  expect(response.status).toBe(200);
  expect(execution).toMatchObject({ tool_name: "usage_summary", degraded: null });
  expect(execution.output).toHaveProperty("summary");
});
