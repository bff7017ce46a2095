/** The setting of the eras is held to what people were served by: where it says something else, nobody is served wrongly. */
import { env } from "cloudflare:workers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { keptRows } from "../../../src/account/kept-rows.ts";
import { confirmEras } from "../../../src/durable/history-eras.ts";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { keptHistory } from "../../../src/thread/kept-history.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import { ask, problemOf } from "../http/ask.ts";
import { ABSENT_DATABASE } from "../thread/absent-database.ts";
import { DATABASES, databaseOf, migrateShards, somebodyIn, talk } from "./people.ts";

const BEGINNING = "1970-01-01T00:00:00Z";
const HOUR_MS = 3_600_000;
/** As the suite has it, with its second era's databases in another order. */
const EDITED = [
  { from: BEGINNING, databases: ["DB"] },
  { from: "2026-01-01T00:00:00Z", databases: ["HISTORY_1", "DB", "HISTORY_2"] },
];

const withEras = (eras: unknown) => ({ HISTORY_SHARDS: JSON.stringify(eras) });

beforeAll(migrateShards);
beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  await forget();
});
afterEach(() => vi.restoreAllMocks());
// Other suites of these databases have the setting as it is.
afterAll(forget);

/** As it is before the first use, and where an operator has all of it believed anew. */
async function forget(): Promise<void> {
  await env.DB.prepare("DELETE FROM history_eras").run();
  for (const name of DATABASES) await databaseOf(name).prepare("DELETE FROM database_mark").run();
}

const Row = z.object({ begins_at: z.string(), databases: z.string(), in_use: z.number() });
async function remembered(): Promise<z.infer<typeof Row>[]> {
  const { results } = await env.DB.prepare("SELECT * FROM history_eras ORDER BY begins_at").all();
  return z.array(Row).parse(results);
}

/** The present setting, with an era that is still to come. */
function withEraToCome(now: number) {
  const eras: unknown = JSON.parse(z.string().parse(Reflect.get(env, "HISTORY_SHARDS")));
  const next = { from: new Date(now + HOUR_MS).toISOString(), databases: ["HISTORY_2"] };
  return withEras([...z.array(z.unknown()).parse(eras), next]);
}

describe("a setting that was edited", () => {
  it.each<[string, object]>([
    ["says another order", withEras(EDITED)],
    ["is gone", { HISTORY_SHARDS: "" }],
  ])("answers nobody where it %s, and says what to put back", async (_, bindings) => {
    expect((await ask("/health/ready")).status).toBe(200);

    for (const path of ["/health", "/health/ready", "/api/threads", "/api/auth/login"]) {
      const problem = await problemOf(await ask(path, { bindings }));
      expect(problem).toMatchObject({ status: 503, code: "misconfigured" });
      expect(problem.errors?.[0]).toMatchObject({ field: "HISTORY_SHARDS" });
      expect(problem.detail).toMatch(/2026-01-01.*DB, HISTORY_1, HISTORY_2.*put/);
    }
    expect((await ask("/health/live", { bindings })).status).toBe(200);
    expect((await ask("/health/ready")).status).toBe(200);
  });

  it("takes no thread and no account for one that is gone", async () => {
    const { owner, threadId } = await talk(await somebodyIn("HISTORY_1"), "Hello.");
    const { id } = owner.user;
    const edited = { ...env, ...withEras(EDITED) };
    const { history, threads } = keptHistory(edited, id, async () => []);

    const refused = { code: "misconfigured" };
    await expect(threads.get(ThreadId.parse(threadId))).rejects.toMatchObject(refused);
    await expect(threads.delete(ThreadId.parse(threadId))).rejects.toMatchObject(refused);
    await expect(history.save([])).rejects.toMatchObject(refused);
    await expect(keptRows(edited, id).threads(10)).rejects.toMatchObject(refused);
    await expect(keptRows(edited, id).delete()).rejects.toMatchObject(refused);
  });

  it("is believed again once nothing is remembered", async () => {
    const bindings = withEras(EDITED);
    expect((await ask("/health/ready")).status).toBe(200);
    await forget();
    expect((await ask("/health/ready", { bindings })).status).toBe(200);
    expect((await remembered()).at(-1)?.databases).toBe('["HISTORY_1","DB","HISTORY_2"]');
  });
});

describe("databases that changed places", () => {
  const exchanged = (one: (typeof DATABASES)[number], other: (typeof DATABASES)[number]) => ({
    [one]: databaseOf(other),
    [other]: databaseOf(one),
  });

  it.each([
    ["HISTORY_1", "HISTORY_2"],
    ["DB", "HISTORY_1"],
  ] as const)(
    "answer nobody where they are %s and %s, and say what to put back",
    async (one, other) => {
      expect((await ask("/health/ready")).status).toBe(200);

      const bindings = exchanged(one, other);
      for (const path of ["/health", "/health/ready", "/api/threads", "/api/auth/login"]) {
        const problem = await problemOf(await ask(path, { bindings }));
        expect(problem).toMatchObject({ status: 503, code: "misconfigured" });
        expect(problem.detail).toMatch(/is bound to the database that is in use as .*database_id/);
      }
      expect((await ask("/health/live", { bindings })).status).toBe(200);
      const { user } = await somebodyIn("HISTORY_1");
      const { threads } = keptHistory({ ...env, ...bindings }, user.id, async () => []);
      const threadId = ThreadId.parse(crypto.randomUUID());
      await expect(threads.get(threadId)).rejects.toMatchObject({ code: "misconfigured" });
      expect((await ask("/health/ready")).status).toBe(200);
    },
  );

  it("are told though one of them is away", async () => {
    await ask("/health/ready");
    const bindings = { ...exchanged("HISTORY_1", "HISTORY_2"), HISTORY_2: ABSENT_DATABASE.DB };
    const problem = await problemOf(await ask("/health/ready", { bindings }));
    expect(problem).toMatchObject({ code: "misconfigured", errors: [{ field: "HISTORY_1" }] });
  });

  it("are believed again once nothing is remembered", async () => {
    await ask("/health/ready");
    await forget();
    const bindings = exchanged("HISTORY_1", "HISTORY_2");
    expect((await ask("/health/ready", { bindings })).status).toBe(200);
    expect((await problemOf(await ask("/health/ready", { bindings: {} }))).code).toBe(
      "misconfigured",
    );
  });
});

it("an era is planned, and comes into use at its moment without another request in between", async () => {
  const { clock } = portsOf(env);
  const now = clock.now();
  const bindings = withEraToCome(now);
  await ask("/health/ready", { bindings });
  expect((await remembered()).map(({ in_use }) => in_use)).toEqual([1, 1, 0]);

  vi.spyOn(clock, "now").mockImplementation(() => Date.now() + 2 * HOUR_MS);
  expect((await ask("/health/ready", { bindings })).status).toBe(200);
  expect((await remembered()).map(({ in_use }) => in_use)).toEqual([1, 1, 1]);
  // As the version before has it, which knows of no such era.
  expect((await problemOf(await ask("/health/ready", { bindings: {} }))).code).toBe(
    "misconfigured",
  );
});

it("of two that are used first at once, one is refused", async () => {
  const settings = [EDITED, [{ from: BEGINNING, databases: ["HISTORY_2"] }]];
  const outcomes = await Promise.allSettled(
    settings.map((eras) => confirmEras({ ...env, ...withEras(eras) })),
  );
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
});

it("where the database does not tell, requests fare as without it, and no thread is looked for", async () => {
  const bindings = ABSENT_DATABASE;
  const report = await ask("/health", { bindings });
  expect(report.status).toBe(200);
  const { user } = await somebodyIn("HISTORY_1");
  const { threads } = keptHistory(Object.assign({ ...env }, bindings), user.id, async () => []);
  await expect(threads.get(ThreadId.parse(crypto.randomUUID()))).rejects.toMatchObject({
    code: "unavailable",
  });
});

it("where it told before, and does not now, what it told stands", async () => {
  const { clock } = portsOf(env);
  const place = { ...env };
  await confirmEras(place);
  vi.spyOn(clock, "now").mockImplementation(() => Date.now() + 2 * HOUR_MS);
  vi.spyOn(env.DB, "batch").mockRejectedValue(new Error("D1 is away"));
  await expect(confirmEras(place)).resolves.toBeUndefined();
  await expect(confirmEras({ ...env })).rejects.toMatchObject({ code: "unavailable" });
});

it("a version that serves on and does not know an era is told of it", async () => {
  const { clock } = portsOf(env);
  const old = { ...env };
  await confirmEras(old);
  const bindings = withEraToCome(clock.now());
  await confirmEras({ ...env, ...bindings });
  vi.spyOn(clock, "now").mockImplementation(() => Date.now() + 2 * HOUR_MS);
  await confirmEras({ ...env, ...bindings });
  await expect(confirmEras(old)).rejects.toMatchObject({ code: "misconfigured" });
});
