/** The export: everything a user has and nothing of anybody else, to its last line, or visibly cut off. */
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { historyDatabase } from "../../../src/durable/history-database.ts";
import { ExportLine } from "../../../src/protocol/account.ts";
import { Message, Run } from "../../../src/protocol/entities.ts";
import { AccountExport } from "../../../src/store/account-export.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { History } from "../../../src/store/history.ts";
import { NO_PROFILE } from "../../../src/usage/workspace.ts";
import { TellingThread, userFeed } from "../account/user-feed.ts";
import { beginThread, type Conversation } from "../thread/conversation.ts";
import { type HeldModel, holdModel } from "../thread/held-model.ts";
import { ask } from "./ask.ts";
import { somebody } from "./somebody.ts";
import { foundTeam, invite } from "./team.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await env.DB.exec("DROP TRIGGER IF EXISTS outage");
  model = await holdModel();
});

/** Saves exchanges that were had long ago: two messages and a run each. */
async function fill({ owner, threadId }: Conversation, exchanges: number): Promise<void> {
  const at = "2026-11-20T12:00:00.000Z";
  const rows = Array.from({ length: exchanges }, (_, index) => {
    const seq = 2 * index + 1;
    const id = `${threadId}.${seq}`;
    const said = (role: "user" | "assistant") => ({
      kind: "message" as const,
      version: seq,
      message: Message.parse({
        id: `${role}-${id}`,
        thread_id: threadId,
        run_id: id,
        seq: role === "user" ? seq : seq + 1,
        role,
        content: `${role} says ${index}`,
        agent: role === "user" ? null : "data",
        status: "complete",
        superseded_by: index === 0 ? `user-${threadId}.3` : null,
        created_at: at,
      }),
    });
    const run = Run.parse({
      ...{ id, thread_id: threadId, message_id: `user-${id}`, answer_id: `assistant-${id}` },
      ...{ status: "completed", agent: "data", model: "demo", final_response: null, usage: null },
      ...{ problem: null, created_at: at, started_at: at, completed_at: at },
    });
    return [said("user"), said("assistant"), { kind: "run" as const, version: seq, run }];
  });
  await new History(historyDatabase(env, owner.user.id), owner.user.id).save(rows.flat());
}

const exportOf = (token: string, bindings = {}) => ask("/api/account/export", { token, bindings });

async function linesOf(answer: Response): Promise<ExportLine[]> {
  const text = await answer.text();
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => ExportLine.parse(JSON.parse(line)));
}

function kinds(lines: readonly ExportLine[]): Record<string, number> {
  const groups = Map.groupBy(lines, ({ kind }) => kind);
  return Object.fromEntries(Array.from(groups, ([kind, some]) => [kind, some.length]));
}

describe("an export", () => {
  it("is not for who is not signed in", async () => {
    expect((await ask("/api/account/export")).status).toBe(401);
  });

  it("is a problem where it can't be begun", async () => {
    const { access_token } = await somebody();
    const refuse = () => Promise.reject(new Error("D1 is away"));
    const statement = {
      bind: () => statement,
      all: refuse,
      first: refuse,
      raw: refuse,
      run: refuse,
    };
    vi.spyOn(console, "error").mockImplementation(() => {});
    const answer = await exportOf(access_token, {
      DB: { prepare: () => statement, batch: refuse },
    });

    expect(answer.status).toBe(503);
  });

  it("that fails in the middle ends without its last line", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const thread = await beginThread();
    await fill(thread, 2);
    const THREADS = { getByName: () => ({ unsaved: () => Promise.reject(new Error("away")) }) };
    const lines = await linesOf(await exportOf(thread.owner.access_token, { THREADS }));

    expect(lines[0]?.kind).toBe("export");
    expect(lines.at(-1)?.kind).toBe("thread");
    expect(logged.mock.calls.join()).toContain("export.failed");
  });

  it("asks once for the runs of a thread, once for their reports, and for none of a thread without a word", async () => {
    const thread = await beginThread();
    await beginThread(thread.owner);
    await fill(thread, 2);
    const prepare = vi.spyOn(env.DB, "prepare");
    await linesOf(await exportOf(thread.owner.access_token, { DB: env.DB }));

    const asked = prepare.mock.calls.map(([sql]) => /from "(runs|run_reports)"/.exec(sql)?.[1]);
    expect(asked.filter((table) => table !== undefined)).toEqual(["runs", "run_reports"]);
  });

  it("holds everything of several threads, what D1 has not taken yet too, and nobody else's", async () => {
    const [first, foreign] = [await beginThread(), await beginThread()];
    const second = await beginThread(first.owner);
    const live = await beginThread(first.owner);
    await fill(first, 120);
    await fill(second, 30);
    await fill(foreign, 3);
    const sent = { ts: Date.UTC(2026, 9, 1), provider: "openai", request_model: "m" };
    const records = [{ ...sent, record_id: "own", input_tokens: 1, output_tokens: 1 }];
    for (const { owner } of [first, foreign]) {
      await ask("/api/usage/records", { token: owner.access_token, body: { records } });
    }
    const profile = { ...NO_PROFILE, name: "Mine" };
    const asked = { method: "PUT", token: first.owner.access_token, body: profile };
    expect((await ask("/api/usage/profile", asked)).status).toBe(200);
    await env.DB.exec(
      "CREATE TRIGGER outage BEFORE INSERT ON messages BEGIN SELECT missing FROM messages; END",
    );
    const client = await live.connect();
    vi.spyOn(console, "error").mockImplementation(() => {});
    const ended = await client.say("said in an outage");
    (await model.turn("said in an outage")).end("Answered in it.");
    await client.completed(ended.run_id);
    await client.say("and while it is answered");
    (await model.turn("and while it is answered")).write("Half a");
    await client.frame("message_delta", ({ text }) => text.includes("Half a"));

    const answer = await exportOf(first.owner.access_token);
    expect(answer.headers.get("content-type")).toMatch(/^application\/x-ndjson/);
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment/);
    const lines = await linesOf(answer);

    expect(kinds(lines)).toMatchObject({
      export: 1,
      session: 1,
      thread: 3,
      message: 2 * 150 + 4,
      run: 150 + 2,
      end: 1,
    });
    expect(lines.at(-1)).toEqual({ kind: "end", lines: lines.length });
    expect(lines[0]).toMatchObject({ kind: "export", user: { id: first.owner.user.id } });
    expect(lines.filter(({ kind }) => kind === "usage")).toMatchObject([
      { table: "profiles", row: { workspace_id: first.owner.user.id } },
      { table: "records", row: { record_id: "own" } },
    ]);
    const text = JSON.stringify(lines);
    for (const said of ["said in an outage", "Answered in it.", "Half a"]) {
      expect(text).toContain(said);
    }
    expect(text).toContain("data_exported");
    expect(text).not.toContain(foreign.threadId);
    const ids = lines.flatMap((line) => (line.kind === "message" ? [line.message.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
    const replaced = lines.filter((line) => line.kind === "message" && line.message.superseded_by);
    expect(replaced).toHaveLength(4);
  });

  it("has what runs used, whatever became of their threads, the budget, and invitations without their tokens", async () => {
    const [ada, bob] = [await userFeed(), await somebody()];
    const { access_token: token, user } = ada.owner;
    const thread = new TellingThread(ada);
    await ask("/api/account/budget", { method: "PUT", token, body: { monthly_usd: 20 } });
    for (let seq = 1; seq <= 120; seq += 1) await thread.tell(thread.spent(2 * seq, 2 * seq - 1));
    const admin = await foundTeam();
    const invitation = await invite(admin, user.email, "admin");
    await invite(admin, bob.user.email);
    const lines = await linesOf(await exportOf(token));

    expect(kinds(lines)).toMatchObject({ ledger_entry: 120, budget: 1, invitation: 1 });
    expect(lines).toContainEqual({
      kind: "invitation",
      organization_id: admin.team.id,
      invitation: { email: user.email, role: "admin", expires_at: invitation.expires_at },
    });
    expect(lines).toContainEqual({
      kind: "budget",
      budget: expect.objectContaining({ monthly_usd: 20 }),
    });
    const text = JSON.stringify(lines);
    expect(text).not.toContain(invitation.token);
    expect(text).not.toContain(bob.user.email);
  });

  it("is described with every kind of line that there is", async () => {
    const Document = z.object({
      paths: z.object({
        "/api/account/export": z.object({ get: z.object({ description: z.string() }) }),
      }),
    });
    const { paths } = Document.parse(await (await ask("/openapi.json")).json());
    const { description } = paths["/api/account/export"].get;
    for (const { shape } of ExportLine.options) {
      expect(description).toContain(`\`${shape.kind.value}\``);
    }
  });

  it("reads what there may be much of page by page, and leaves nothing of it out", async () => {
    const { access_token: token, user } = await somebody();
    const at = "2026-11-20T12:00:00.000Z";
    const insert = (into: string, values: string) =>
      env.DB.prepare(
        `INSERT INTO ${into} WITH RECURSIVE n (n) AS (
           SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 250) SELECT ${values} FROM n`,
      ).bind(user.id, at);
    await env.DB.batch([
      env.DB.prepare(
        "INSERT INTO webhooks VALUES ('hook-' || ?1, ?1, ?1, 'https://example.com/', 'whsec_c2VjcmV0', ?2, '[]')",
      ).bind(user.id, at),
      insert(
        "sessions (id, user_id, created_at, expires_at)",
        "'session-' || n || '-' || ?1, ?1, ?2, ?2",
      ),
      insert("api_keys", "'key-' || n || ?1, ?1, 'key', 'apx_', 'hash', '[]', ?2, ?2, NULL, NULL"),
      insert(
        "webhook_deliveries",
        "'msg-' || n || ?1, 'hook-' || ?1, ?1, 'report.published', '{}', 'dead', 12, NULL, 503, 'no', ?2, ?2",
      ),
    ]);

    const pages: number[] = [];
    const rows = new AccountExport(openDatabase(env.DB), user.id);
    for (const reading of [rows.sessions(), rows.apiKeys(), rows.deliveries()]) {
      for await (const page of reading) pages.push(page.length);
    }
    expect(pages).toEqual([100, 100, 51, 100, 100, 50, 100, 100, 50]);
    const lines = await linesOf(await exportOf(token));
    expect(kinds(lines)).toMatchObject({ session: 251, api_key: 250, webhook_delivery: 250 });
    expect(new Set(lines.map((line) => JSON.stringify(line))).size).toBe(lines.length);
  });

  it("reads no further than its client has read", async () => {
    const thread = await beginThread();
    await fill(thread, 120);
    let asked = 0;
    const THREADS = {
      getByName: () => ({
        unsaved: async () => {
          asked += 1;
          return { messages: [], supersessions: [] };
        },
        readRun: async () => null,
      }),
    };
    const { body } = await exportOf(thread.owner.access_token, { THREADS });
    const reader = body?.getReader();
    await reader?.read();

    expect(asked).toBe(0);
    await reader?.cancel();
  });
});
