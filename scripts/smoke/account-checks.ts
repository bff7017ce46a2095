/** Checks of accounts: sessions, keys, limits, and that nobody sees another user's data. */
import assert from "node:assert/strict";
import * as z from "zod";
import { CreatedApiKey } from "../../src/protocol/account.ts";
import { Credentials, ThreadPage } from "../../src/protocol/api.ts";
import { User } from "../../src/protocol/entities.ts";
import type { CastCheck } from "./check.ts";

const Models = z.object({ data: z.array(z.object({ id: z.string() })) });
const LIST_TOOLS = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };

export const ACCOUNT_CHECKS: readonly CastCheck[] = [
  {
    name: "Who signs in is who they are, and a wrong password tells nothing",
    async run(live, { ada }) {
      const { email } = ada.user;
      const body = { email: email.toUpperCase(), password: ada.password };
      const { access_token: token } = await live.read(Credentials, "/api/auth/login", { body });
      assert.equal((await live.read(User, "/api/me", { token })).id, ada.user.id);
      const wrong = { email, password: "not the password at all" };
      const { code } = await live.refusal(401, "/api/auth/login", { body: wrong });
      assert.equal(code, "credentials_invalid");
    },
  },
  {
    name: "A refresh token works once, and its session ends where it is used again",
    async run(live, { ada }) {
      const login = { email: ada.user.email, password: ada.password };
      const { refresh_token } = await live.read(Credentials, "/api/auth/login", { body: login });
      const body = { refresh_token };
      const next = await live.read(Credentials, "/api/auth/refresh", { body });
      await live.refusal(401, "/api/auth/refresh", { body });
      await live.refusal(401, "/api/me", { token: next.access_token });
    },
  },
  {
    name: "Nobody signs in without a password but in development",
    async run(live) {
      const status = await live.read(z.object({ environment: z.string() }), "/api/status");
      if (status.environment === "development") return;
      await live.refusal(404, "/api/auth/dev-login", { body: { email: "a@example.com" } });
    },
  },
  {
    name: "Answers say how the limits stand",
    async run(live, { ada }) {
      const { headers } = await live.ask("/api/threads", { token: ada.access_token });
      assert.match(headers.get("ratelimit") ?? "", /r=\d+;t=\d+/);
      assert.ok(Number(headers.get("x-ratelimit-limit")) > 0);
    },
  },
  {
    name: "A thread is its owner's alone: to others it is not there",
    async run(live, { ada, bob }) {
      const { id } = await live.newThread(ada);
      const mine = await live.read(ThreadPage, "/api/threads", { token: ada.access_token });
      assert.ok(mine.data.some((thread) => thread.id === id));
      const token = bob.access_token;
      await live.refusal(404, `/api/threads/${id}`, { token });
      await live.refusal(404, `/api/threads/${id}/messages`, { token });
      assert.equal(
        await live.upgrade(`/api/threads/${id}/socket`, { authorization: `Bearer ${token}` }),
        404,
      );
    },
  },
  {
    name: "A field that nobody may set is refused by its name",
    async run(live, { ada }) {
      const body = { title: "Smoke test", user_id: "somebody else" };
      const asked = { token: ada.access_token, body };
      const { errors } = await live.refusal(422, "/api/threads", asked);
      assert.ok(JSON.stringify(errors).includes("user_id"));
    },
  },
  {
    name: "An API key opens the doors of OpenAI and MCP, and nothing once it is revoked",
    async run(live, { ada }) {
      const scopes = ["threads:read", "runs:read", "runs:write", "tools:*"];
      const made = { token: ada.access_token, body: { name: "Smoke test", scopes } };
      const { id, key: token } = await live.read(CreatedApiKey, "/api/keys", made);
      const { data } = await live.read(Models, "/v1/models", { token });
      assert.ok(data.some((model) => model.id === "apex-supervisor"));
      const accept = { accept: "application/json, text/event-stream" };
      const mcp = await live.ask("/mcp", { token, body: LIST_TOOLS, headers: accept });
      assert.match(await mcp.text(), /"name":"usage_summary"/);
      const asked = { method: "DELETE", token: ada.access_token };
      assert.equal((await live.ask(`/api/keys/${id}`, asked)).status, 204);
      await live.refusal(401, "/api/threads", { token });
    },
  },
];

/** Last of all: it deletes whom the others spoke for. */
export const FAREWELL: CastCheck = {
  name: "An account is deleted with all that is in it, and its tokens with it",
  async run(live, { ada, bob }) {
    for (const guest of [ada, bob]) {
      const answer = await live.remove(guest);
      assert.ok([200, 202].includes(answer.status), `deletion answered ${answer.status}`);
      await live.refusal(401, "/api/threads", { token: guest.access_token });
    }
  },
};
