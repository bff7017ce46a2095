/** Who is in a team no more, with a token, a socket and a run from before: nothing of the team's is theirs. */
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Credentials } from "../../../src/protocol/api.ts";
import type { Organization } from "../../../src/protocol/organization.ts";
import { NO_PROFILE } from "../../../src/usage/workspace.ts";
import { beginThread } from "../thread/conversation.ts";
import { type HeldModel, holdModel } from "../thread/held-model.ts";
import { makeKey } from "./api-key.ts";
import { type Asked, ask, problemOf } from "./ask.ts";
import { asking, lines, NDJSON, record, series, stored } from "./sent-usage.ts";
import { foundTeam, joinTeam, refreshed } from "./team.ts";

/** Stands in every record of the team, and may be in no answer. */
const SECRET = "feature-of-the-team";

const PRICE = {
  provider: "openai",
  model_pattern: "*",
  rates: { input: 1, cache_read: 0, cache_write: 0, output: 2 },
  valid_from: "2026-10-01T00:00:00.000Z",
  source: "contract",
};

/** Everything over HTTP that reads or writes a workspace, or tells what it spent. */
const ASKED: readonly [string, Asked][] = [
  ["/api/usage/records", { body: { records: series(2) } }],
  ["/api/usage/quarantine", {}],
  ["/api/usage/imports", { body: lines(series(2)), headers: NDJSON }],
  ["/api/usage/imports?dry_run=true", { body: lines(series(2)), headers: NDJSON }],
  ["/api/usage/imports/shared", {}],
  ["/api/usage/imports/shared", { method: "DELETE" }],
  ["/api/usage/prices", {}],
  ["/api/usage/prices", { body: PRICE }],
  ["/api/usage/prices/any", { method: "DELETE" }],
  ["/api/usage/profile", {}],
  ["/api/usage/profile", { method: "PUT", body: NO_PROFILE }],
  ["/v1/traces", { body: { resourceSpans: [] } }],
  ["/api/tools/usage_summary/execute", { body: {} }],
  ["/api/tools/cost_breakdown/execute", { body: { arguments: { dimensions: ["feature"] } } }],
  ["/api/webhooks", { body: { url: "https://hooks.example.com/1", events: ["run.finished"] } }],
  ["/api/account/limits", {}],
];

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

interface Team {
  readonly admin: Credentials & { readonly team: Organization };
  readonly member: Credentials;
}

/** @returns a team that has records, and its second member. */
async function teamWithUsage(): Promise<Team> {
  const admin = await foundTeam();
  const rows = [0, 1, 2].map((index) => record(index, { feature: SECRET }));
  const body = lines([...rows, { record_id: "wrong", feature: SECRET }]);
  await asking(admin, z.unknown(), "/api/usage/imports?import_id=shared", {
    body,
    headers: NDJSON,
  });
  return { admin, member: await joinTeam(admin) };
}

const takeOut = ({ admin, member }: Team) =>
  ask(`/api/organization/members/${member.user.id}`, {
    method: "DELETE",
    token: admin.access_token,
  });

const PARTINGS: readonly [string, (team: Team) => Promise<Response>][] = [
  ["was taken out", takeOut],
  [
    "has left",
    ({ member: { user, access_token: token } }) =>
      ask(`/api/organization/members/${user.id}`, { method: "DELETE", token }),
  ],
  [
    "lost the team",
    ({ admin }) => ask("/api/organization", { method: "DELETE", token: admin.access_token }),
  ],
];

describe.each(PARTINGS)("who %s", (_, part) => {
  it("is told by every route of usage to refresh the token, and learns nothing of the team", async () => {
    const team = await teamWithUsage();
    expect((await part(team)).status).toBe(204);
    const { access_token: token } = team.member;

    for (const [path, asked] of ASKED) {
      const answer = await ask(path, { ...asked, token });
      const text = await answer.clone().text();
      expect(text, path).not.toContain(SECRET);
      expect(await problemOf(answer), path).toMatchObject({ status: 401, code: "token_expired" });
    }
  });

  it("has a workspace of their own by the next token", async () => {
    const team = await teamWithUsage();
    await part(team);
    const alone = await refreshed(team.member);

    const gone = await ask("/api/usage/imports/shared", { token: alone.access_token });
    expect(gone.status).toBe(404);
    await asking(alone, z.unknown(), "/api/usage/records", { body: { records: series(1) } });
    expect(await stored(alone.user.id)).toHaveLength(1);
  });

  it("is told by an MCP tool no figure of the team's", async () => {
    const team = await teamWithUsage();
    const call = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "cost_breakdown", arguments: { dimensions: ["feature"] } },
    };
    const asked = { body: call, headers: { accept: "application/json, text/event-stream" } };
    const token = team.member.access_token;
    expect(await (await ask("/mcp", { ...asked, token })).text()).toContain(SECRET);

    await part(team);
    const text = await (await ask("/mcp", { ...asked, token })).text();
    expect(text).not.toContain(SECRET);
    expect(text).toContain("Refresh it");
  });

  it("is not heard on the team's records, over HTTP or by a socket that was open", async () => {
    const team = await teamWithUsage();
    const thread = await beginThread(team.member);
    const client = await thread.connect();
    await part(team);

    const posted = await thread.ask("/messages", { body: { content: "What do we spend?" } });
    expect(await problemOf(posted)).toMatchObject({ status: 401, code: "token_expired" });
    client.send({ type: "user_message", content: "And now?", client_message_id: "one" });
    const { data } = await client.frame("error");
    expect(data).toMatchObject({
      client_message_id: "one",
      problem: { code: "token_expired" },
    });
    expect(await client.closed).toBe(4401);
    expect(await thread.rowCounts()).toMatchObject({ runs: 0 });
  });

  it("gets nothing more of the team's records into a run that is under way", async () => {
    const team = await teamWithUsage();
    const question = `What do we spend, ${team.admin.team.id}?`;
    const thread = await beginThread(team.member);
    const client = await thread.connect();
    const { run_id } = await client.say(question);
    const first = await model.turn(question);
    first.call("cost_breakdown", { dimensions: ["feature"] });
    first.end();
    const { data: before } = await client.frame("tool_completed");
    expect(before.status).toBe("succeeded");
    expect(JSON.stringify(before)).toContain(SECRET);
    const second = await model.turn(question, 2);
    await part(team);

    // The same question, so that what is remembered of the answer is not for them either.
    second.call("cost_breakdown", { dimensions: ["feature"] });
    second.end();
    const { data: after } = await client.frame(
      "tool_completed",
      ({ data }) => data.call_id !== before.call_id,
    );
    expect(after).toMatchObject({ status: "failed", problem: { code: "forbidden" } });
    expect(JSON.stringify(after)).not.toContain(SECRET);
    (await model.turn(question, 3)).end("I can't tell.");
    expect((await client.completed(run_id)).data.status).toBe("completed");
  });
});

it("who was taken out has an API key that goes on, for their own records", async () => {
  const team = await teamWithUsage();
  const { key } = await makeKey(team.member, ["usage:read"]);
  const imported = () => ask("/api/usage/imports/shared", { token: key });
  expect((await imported()).status).toBe(200);

  await takeOut(team);
  expect((await imported()).status).toBe(404);
});
