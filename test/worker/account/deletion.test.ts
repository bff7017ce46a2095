/** The end of an account: whatever fails on the way, in the end nothing of its user is left anywhere. */
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { newId, timestamp } from "../../../src/core/clock.ts";
import { historyDatabase } from "../../../src/durable/history-database.ts";
import { threadObjectName } from "../../../src/durable/names.ts";
import { DeletionReceipt } from "../../../src/protocol/account.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { AccountRows } from "../../../src/store/account-rows.ts";
import { ask, problemOf } from "../http/ask.ts";
import { refreshed } from "../http/team.ts";
import { eventually } from "../thread/client.ts";
import { beginThread, type Conversation } from "../thread/conversation.ts";
import { type HeldModel, holdModel } from "../thread/held-model.ts";
import * as remaining from "./remains.ts";
import { TellingThread, UserFeed } from "./user-feed.ts";

/** What a token that is still about would grant. */
const GRANT = { scopes: [], tier: "free", organizationId: null, voucherId: "session" } as const;

const PASSWORD = "a long enough password";
const QUESTION = "a question that nobody may find again";
const ANSWER = "an answer that nobody may find again";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

// Passwords are hashed slowly, on purpose, and every object is looked into.
vi.setConfig({ testTimeout: 30_000 });

/** Every object that there is: the first is the one that the held model reads its bindings from. */
const names = { threads: new Set(["nobody/nothing"]), accounts: new Set<string>() };

const remainsOf = (words: readonly string[]) => remaining.remainsOf(words, names);

interface Person {
  readonly owner: Credentials;
  readonly email: string;
  readonly threads: readonly Conversation[];
}

/** Somebody who has some of everything. */
async function busyPerson(threadCount = 3): Promise<Person> {
  const email = `${newId()}@example.com`;
  const registered = await ask("/api/auth/register", { body: { email, password: PASSWORD } });
  const owner = Credentials.parse(await registered.json());
  await ask("/api/auth/login", { body: { email, password: PASSWORD } });
  const { id } = owner.user;
  names.accounts.add(id);
  const at = timestamp(Date.now());
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO api_keys VALUES (?, ?, 'key', 'apx_', 'hash', '[]', ?, ?, NULL, NULL)",
    ).bind(newId(), id, at, at),
    env.DB.prepare(
      "INSERT INTO webhooks VALUES ('hook-' || ?1, ?1, ?1, 'https://example.com/', 'whsec_c2VjcmV0', ?2, '[]')",
    ).bind(id, at),
    env.DB.prepare(
      `INSERT INTO webhook_deliveries VALUES
       ('msg-' || ?1, 'hook-' || ?1, ?1, 'report.published', '{}', 'dead', 12, NULL, 503, 'no', ?2, ?2)`,
    ).bind(id, at),
    env.DB.prepare(
      `INSERT INTO mcp_servers VALUES
       ('mcp-' || ?1, ?1, 'files', 'https://mcp.example.com/', NULL, 1, ?2, ?2, NULL, NULL, 0)`,
    ).bind(id, at),
    env.DB.prepare(
      `INSERT INTO mcp_tools VALUES
       ('mcp-' || ?1, 'echo', ?1, 'mcp_files_echo', '', '{"type":"object"}', 'f', 'f')`,
    ).bind(id),
    env.DB.prepare(
      `INSERT INTO mcp_sign_ins VALUES
       ('mcp-' || ?1, ?1, 'signed_in', NULL, NULL, 'https://issuer.test', 'v1.x.y', NULL, 1, NULL)`,
    ).bind(id),
    env.DB.prepare("INSERT INTO identities VALUES ('https://issuer.test', ?, ?, ?)").bind(
      newId(),
      id,
      at,
    ),
    env.DB.prepare(
      "INSERT INTO audit_events VALUES (?, ?, 'signed_in', ?, NULL, NULL, NULL, NULL)",
    ).bind(id, newId(), at),
    ...ownUsage(id, at),
  ]);
  // Answers of tools are remembered, for while their records cannot be reached.
  await askTool(owner);
  const threads: Conversation[] = [];
  for (let count = 0; count < threadCount; count += 1) {
    const thread = await begin(owner);
    const client = await thread.connect();
    const nth = model.turns(QUESTION).length + 1;
    const { run_id } = await client.say(QUESTION);
    (await model.turn(QUESTION, nth)).end(ANSWER);
    await client.completed(run_id);
    client.close();
    await thread.ask("/share", { method: "POST" });
    threads.push(thread);
  }
  return { owner, email, threads };
}

async function askTool({ access_token: token }: Credentials): Promise<void> {
  const body = { arguments: { dimensions: ["feature"] } };
  const answer = await ask("/api/tools/cost_breakdown/execute", { token, body });
  expect(answer.status).toBe(200);
}

/** A row in every table of usage, in the workspace of one person. */
function ownUsage(id: string, at: string): D1PreparedStatement[] {
  const run = (sql: string) => env.DB.prepare(sql).bind(id, at);
  return [
    run(
      "INSERT INTO usage_imports (workspace_id, import_id, format, status, created_at, updated_at) VALUES (?1, 'i', 'apex', 'complete', ?2, ?2)",
    ),
    run(
      "INSERT INTO usage_quarantine (workspace_id, record_id, reason, record) VALUES (?1, ?2, 'why', '{}')",
    ),
    run("INSERT INTO usage_leases VALUES (?1, ?2, 0)"),
    run("INSERT INTO usage_profiles VALUES (?1, '{}', ?2)"),
    run(
      "INSERT INTO usage_evaluations VALUES (?1, 'set', 'a', 'b', ?2, 0, NULL, 1, 1, NULL, NULL)",
    ),
    run(
      "INSERT INTO usage_prices VALUES (?1, 'p', 'openai', '*', 'standard', '{}', 0, NULL, 'contract', ?2)",
    ),
    run(`INSERT INTO usage_records (workspace_id, record_id, source, ts, attempt, provider, operation,
           request_model, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens,
           reasoning_tokens, status, granularity, n_requests, price_version)
         VALUES (?1, ?2, 'api', 0, 1, 'openai', 'chat', 'm', 1, 0, 0, 1, 0, 'ok', 'request', 1, 'unpriced')`),
  ];
}

async function begin(owner: Credentials): Promise<Conversation> {
  const thread = await beginThread(owner);
  names.threads.add(threadObjectName(owner.user.id, thread.threadId));
  return thread;
}

const remove = ({ owner, email }: Pick<Person, "owner" | "email">, body: unknown = { email }) =>
  ask("/api/account", { method: "DELETE", token: owner.access_token, body });

const receiptOf = async (answer: Response) => DeletionReceipt.parse(await answer.json());

const remains = ({ owner, email }: Person) => remainsOf([owner.user.id, email]);

const accountOf = ({ owner }: Person) => new UserFeed(owner).object;

/** Lets the alarm of the account ring, as the platform does, until it stands no more. */
async function finished(person: Person): Promise<void> {
  await eventually(async () => {
    await runDurableObjectAlarm(accountOf(person));
    const alarm = await runInDurableObject(accountOf(person), (_, { storage }) =>
      storage.getAlarm(),
    );
    expect(alarm).toBeNull();
  });
}

/** Waits until a token is refused: while the account's object is slow its users are let in, then no more. */
async function refused(path: string, token: string, headers = {}): Promise<void> {
  await vi.waitFor(
    async () =>
      expect(await problemOf(await ask(path, { token, headers }))).toMatchObject({
        code: "session_ended",
      }),
    { timeout: 15_000 },
  );
}

const OUTAGES = ["sessions", "threads"];

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const table of OUTAGES) await env.DB.exec(`DROP TRIGGER IF EXISTS outage_${table}`);
  model = await holdModel();
});

describe("an account is not deleted", () => {
  it.each(["", "somebody-else@example.com", "%"])(
    "where the email address given is %j",
    async (email) => {
      const person = await busyPerson(0);
      const problem = await problemOf(await remove(person, { email }));

      expect(problem).toMatchObject({ status: 422, errors: [{ field: "email" }] });
      expect((await ask("/api/auth/me", { token: person.owner.access_token })).status).toBe(200);
    },
  );

  it("while it is the last admin's of a team with others, and they stay", async () => {
    const [admin, member] = [await busyPerson(0), await busyPerson(0)];
    const team = newId();
    await env.DB.prepare(
      "INSERT INTO organizations VALUES (?, 'Team', 'free', '2026-11-21T12:00:00.000Z')",
    )
      .bind(team)
      .run();
    const join = env.DB.prepare("UPDATE users SET organization_id = ?, role = ? WHERE id = ?");
    await join.bind(team, "admin", admin.owner.user.id).run();
    await join.bind(team, "member", member.owner.user.id).run();
    await askTool(await refreshed(admin.owner));
    expect((await remainsOf([team])).some((row) => row.startsWith("cache"))).toBe(true);

    expect(await problemOf(await remove(admin))).toMatchObject({ status: 409, code: "last_admin" });
    expect((await ask("/api/auth/me", { token: admin.owner.access_token })).status).toBe(200);

    expect((await remove(member)).status).toBe(200);
    expect((await remove(admin)).status).toBe(200);
    await eventually(async () => expect(await remainsOf([team])).toEqual([]));
  });
});

describe("an account is deleted", () => {
  it("with everything in it: nothing of it is left in any table, or in any object", async () => {
    const bystander = await busyPerson(1);
    const person = await busyPerson();
    expect((await remains(person)).length).toBeGreaterThan(10);

    const answer = await remove(person, { email: ` ${person.email.toUpperCase()} ` });
    const receipt = await receiptOf(answer);

    expect(answer.status).toBe(200);
    expect(receipt.complete).toBe(true);
    expect(receipt.deleted).toMatchObject({
      users: 1,
      threads: 3,
      messages: 6,
      runs: 3,
      sessions: 2,
      api_keys: 1,
      identities: 1,
      thread_shares: 3,
      kept_answers: 1,
    });
    expect(new Set(Object.values(receipt.left))).toEqual(new Set([0]));
    expect(await remains(person)).toEqual([]);
    expect(await remainsOf([QUESTION])).not.toEqual([]);
    expect((await receiptOf(await remove(bystander))).complete).toBe(true);
    expect(await remainsOf([QUESTION, ANSWER])).toEqual([]);
  });

  it("and its tokens are refused, its sockets closed, and its address free for somebody new", async () => {
    const person = await busyPerson(1);
    const [thread] = person.threads;
    const client = await thread?.connect();
    const { access_token: token, refresh_token } = person.owner;
    await remove(person);

    expect(await client?.closed).toBe(4404);
    for (const path of ["/api/auth/me", "/api/threads", "/api/account/export"]) {
      await refused(path, token);
    }
    await refused("/ws", token, { upgrade: "websocket" });
    expect((await ask("/api/auth/refresh", { body: { refresh_token } })).status).toBe(401);
    expect((await remove(person)).status).toBe(401);

    const body = { email: person.email, password: PASSWORD };
    expect((await ask("/api/auth/login", { body })).status).toBe(401);
    const again = Credentials.parse(await (await ask("/api/auth/register", { body })).json());
    names.accounts.add(again.user.id);
    expect(again.user.id).not.toBe(person.owner.user.id);
    const list = await ask("/api/threads", { token: again.access_token });
    expect(await list.json()).toEqual({ data: [], has_more: false, next_cursor: null });
  });

  it.each(OUTAGES)("also where D1 refuses to delete %s, and every object dies", async (table) => {
    const person = await busyPerson();
    await env.DB.exec(
      `CREATE TRIGGER outage_${table} BEFORE DELETE ON ${table} BEGIN SELECT missing FROM ${table}; END`,
    );
    const answer = await remove(person);
    const receipt = await receiptOf(answer);

    expect(answer.status).toBe(202);
    expect(receipt.complete).toBe(false);
    expect(receipt.left).toMatchObject({ users: 1, sessions: 2 });
    await abortAllDurableObjects();
    const { access_token: token } = person.owner;
    await refused("/api/threads", token);
    const { refresh_token } = person.owner;
    const login = { email: person.email, password: PASSWORD };
    expect((await ask("/api/auth/refresh", { body: { refresh_token } })).status).toBe(401);
    expect((await ask("/api/auth/login", { body: login })).status).toBe(401);

    await env.DB.exec(`DROP TRIGGER outage_${table}`);
    await finished(person);
    expect(await remains(person)).toEqual([]);
    expect(await remainsOf([QUESTION, ANSWER])).toEqual([]);
  });

  it("of many threads too, in several batches", async () => {
    const person = await busyPerson(0);
    for (let count = 0; count < 22; count += 1) await begin(person.owner);
    const receipt = await receiptOf(await remove(person));

    await finished(person);
    expect(receipt.deleted.threads).toBeGreaterThan(0);
    expect(await remains(person)).toEqual([]);
  });

  it("and stays so, whatever its threads tell it late, and however often it dies", async () => {
    const person = await busyPerson(1);
    const late = new TellingThread(new UserFeed(person.owner));
    await remove(person);
    for (const _ of [1, 2]) {
      expect(await late.tell(late.renamed(1, QUESTION))).toBe(Number.MAX_SAFE_INTEGER);
      await accountOf(person).endVouchers([person.owner.user.id]);
      expect(await accountOf(person).admit(GRANT)).toMatchObject({
        ok: false,
        problem: { code: "session_ended" },
      });
      await abortAllDurableObjects();
    }

    expect(await remainsOf([person.owner.user.id, late.threadId, QUESTION])).toEqual([]);
  });

  it("only when no thread is left, also of those made meanwhile", async () => {
    const person = await busyPerson(1);
    const { id } = person.owner.user;
    const rows = new AccountRows(historyDatabase(env, id), id);

    expect(await rows.delete()).toBe(false);
    expect(await rows.count()).toMatchObject({ users: 1, sessions: 2, threads: 1 });
  });
});
