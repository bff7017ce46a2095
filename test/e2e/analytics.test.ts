/**
 * The usage records in a ClickHouse server that dies, is silent, and comes back: what people are told
 * meanwhile, that nothing hangs, and that what they send, or delete, is whole in the end. The server is Debian's 18.16, behind the front that its age needs.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { migrateClickhouse } from "../../scripts/clickhouse-migrations.ts";
import { type CircuitBreaker, CircuitBreakers, Health } from "../../src/protocol/api.ts";
import { Problem } from "../../src/protocol/problem.ts";
import { ImportReceipt, IntakeReceipt } from "../../src/protocol/usage.ts";
import { clickhouseUsageStore } from "../../src/usage/clickhouse/store.ts";
import { BATCH_ROWS } from "../../src/usage/import/batches.ts";
import { loadSampleRecords } from "../../src/usage/load-sample.ts";
import {
  type ClickhouseServerProcess,
  hasClickhouseServer,
  mustRun,
  startClickhouseServer,
} from "../analytics/engines.ts";
import { type Front, startLegacyFront } from "../analytics/legacy-front.ts";
import { newPerson, type Person } from "./person.ts";
import { type Product, startProduct, temporaryState } from "./product.ts";
import { eventsOfRun, sayAndFollow } from "./recording.ts";
import { ofType } from "./rules.ts";
import { eventually } from "./within.ts";

const QUESTION = "How much did we spend on models, and how many requests were there?";

const Told = z.object({ summary: z.string(), assumptions: z.array(z.string()) });

describe.skipIf(!mustRun(hasClickhouseServer))("analytics in ClickHouse", () => {
  let server: ClickhouseServerProcess;
  let front: Front;
  let state: Awaited<ReturnType<typeof temporaryState>>;
  let product: Product;
  let person: Person;

  beforeAll(async () => {
    server = await startClickhouseServer();
    front = await startLegacyFront(server.url);
    // Few days of the sample: loading all of it is not what is tested here.
    const clickhouse = { url: front.url, ...AS_DEFAULT };
    await migrateClickhouse(clickhouse);
    await loadSampleRecords(clickhouseUsageStore(clickhouse), { endsAt: Date.now(), days: 2 });
    state = await temporaryState();
    product = await startProduct(state.path, { CLICKHOUSE_URL: front.url });
    person = await newPerson(product.url);
  });
  afterAll(async () => {
    await product?.stop();
    await front?.close();
    await server?.close();
    await state?.remove();
  });

  /** Asks in a thread of its own, so that nothing is answered from what was said before. */
  async function ask(question = QUESTION) {
    const recording = await sayAndFollow(person, await person.newThread(), question);
    const { context, data } = await recording.frame("agent_completed");
    await recording.ended;
    const events = eventsOfRun(recording.frames, context.run_id);
    return {
      answer: data.final_response,
      status: data.status,
      tools: ofType(events, "tool_completed").map((event) => event.data),
      fallbacks: ofType(events, "agent_fallback").map((event) => event.data),
      types: events.map(({ type }) => type),
    };
  }

  async function analytics(): Promise<CircuitBreaker | undefined> {
    const answer = await person.request("GET", "/api/circuit-breakers");
    return CircuitBreakers.parse(await answer.json()).data.find(({ part }) => part === "analytics");
  }

  async function health() {
    return Health.parse(await (await fetch(`${product.url}/health`)).json());
  }

  /** Asks until the breaker stands as told. */
  async function askUntil(state: CircuitBreaker["state"]) {
    let last = await analytics();
    return await eventually(
      async () => {
        await ask();
        last = await analytics();
        return last?.state === state ? last : undefined;
      },
      () => JSON.stringify(last),
    );
  }

  /** The usual answer, from a server that is well. */
  async function expectWell(): Promise<string> {
    const { answer, status, tools, fallbacks } = await ask();
    expect(status).toBe("completed");
    expect(tools.map((tool) => tool.status)).toContain("succeeded");
    expect(fallbacks).toEqual([]);
    expect(answer).not.toContain("As of");
    expect(await analytics()).toMatchObject({ state: "closed" });
    expect(await health()).toMatchObject({ status: "healthy", parts: { analytics: "healthy" } });
    return answer;
  }

  /** The last good answer, told as such: in the events, in each result, and in the words. */
  async function expectLabelled(): Promise<void> {
    const { answer, status, tools, fallbacks, types } = await ask();
    expect(status).toBe("completed");
    expect(fallbacks.length).toBeGreaterThan(0);
    for (const fallback of fallbacks) {
      expect(fallback).toMatchObject({
        part: "tool",
        action: expect.stringMatching(/^The last good answer is given, as of .+ UTC\.$/),
        until: expect.any(String),
      });
    }
    for (const tool of tools) {
      const { summary, assumptions } = Told.parse(tool.results);
      expect(summary).toMatch(/^\*\*As of /);
      expect(assumptions[0]).toContain("cannot be reached just now");
    }
    expect(types.indexOf("agent_fallback")).toBeLessThan(types.indexOf("tool_completed"));
    expect(answer).toContain("As of");
  }

  /** Everybody can see that it is away, and when it is asked again; all else serves. */
  async function expectOpen(): Promise<void> {
    const open = await askUntil("open");
    expect(open.failures).toBeGreaterThanOrEqual(3);
    expect(Date.parse(open.next_probe_at ?? "")).toBeGreaterThan(Date.parse(open.since ?? ""));
    expect(open.instances).not.toEqual([]);
    expect(await health()).toMatchObject({
      status: "degraded",
      parts: { database: "healthy", analytics: "degraded" },
    });
    expect((await fetch(`${product.url}/health/ready`)).status).toBe(200);
    const { fallbacks } = await ask();
    expect(fallbacks[0]?.reason).toContain("left alone");
  }

  test("die, are answered from the last good answer, are left alone, come back, and are asked again as before", async () => {
    expect(await migrateClickhouse({ url: front.url, ...AS_DEFAULT })).toEqual([]);
    const normal = await expectWell();

    await server.kill();
    await expectLabelled();
    await expectOpen();
    const { status, tools, fallbacks } = await ask("What did we spend, by team?");
    expect(status, "of a run whose question was never answered before").toBe("completed");
    expect(tools.map((tool) => tool.problem?.code)).toContain("unavailable");
    expect(fallbacks).toEqual([]);

    await server.start();
    await askUntil("closed");
    expect(await expectWell()).toBe(normal);
  });

  test("hold nobody up where the server is silent", async () => {
    const normal = await expectWell();
    server.freeze();
    // It ends though nothing is ever heard of the server: that is what nobody waits for.
    await expectLabelled();
    server.thaw();

    expect(await expectWell()).toBe(normal);
  });

  /** What the server has of a workspace, as the agents would read it. */
  const extentOf = ({ credentials }: Person) =>
    clickhouseUsageStore({ url: front.url, ...AS_DEFAULT }).extent(credentials.user.id);

  test("take an import over HTTP, each record once, and let it be taken back as a whole", async () => {
    const sender = await newPerson(product.url);
    const file = calls(2 * BATCH_ROWS + 5);
    const path = "/api/usage/imports?import_id=quarter";
    const told = await sender.request("POST", path, file, { accept: "text/event-stream" });
    expect((await told.text()).match(/^event: .*/gm)).toEqual([
      ...Array(3).fill("event: import_progress"),
      "event: import_completed",
    ]);
    const again = await sender.request("POST", path, file);
    const { import: whole } = ImportReceipt.parse(await again.json());
    expect(whole).toMatchObject({ status: "complete", stored: file.length, known: 0 });
    expect(await extentOf(sender)).toMatchObject({ records: file.length });

    expect((await sender.request("DELETE", "/api/usage/imports/quarter")).status).toBe(204);
    expect(await extentOf(sender)).toBeNull();
  });

  /** Sends what the server dies over, as soon as it has the first batch of it. */
  async function cutOff(sending: Promise<Response>, sender: Person): Promise<Response> {
    await eventually(
      async () => (await extentOf(sender)) ?? undefined,
      () => "no record",
      20_000,
    );
    await server.kill();
    return await sending;
  }

  test("are stored in whole batches where the server dies in the middle, and each once when sent again", async () => {
    const [sender, importer] = [await newPerson(product.url), await newPerson(product.url)];
    const file = calls(2 * BATCH_ROWS + 900);
    const sendIt = () => sender.request("POST", "/api/usage/records", { records: file });
    const path = "/api/usage/imports?import_id=cut";
    const importIt = () => importer.request("POST", path, file);
    const expectAway = async (answer: Response) => {
      expect(Problem.parse(await answer.json())).toMatchObject({ code: "unavailable" });
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    };
    const expectBatches = async (of: Person) => {
      const { records = 0 } = (await extentOf(of)) ?? {};
      expect([BATCH_ROWS, 2 * BATCH_ROWS]).toContain(records);
    };

    await expectAway(await cutOff(sendIt(), sender));
    await server.start();
    await expectBatches(sender);

    await expectAway(await cutOff(importIt(), importer));
    await expectAway(await importIt());
    await server.start();
    await expectBatches(importer);

    const { import: whole } = ImportReceipt.parse(await (await importIt()).json());
    expect(whole).toMatchObject({ status: "complete", rows: file.length, stored: file.length });
    expect(await extentOf(importer)).toMatchObject({ records: file.length });
    // Nobody writes before what was on its way must have arrived: that takes some seconds.
    const { stored, known } = IntakeReceipt.parse(await (await sendIt()).json());
    expect(stored + known).toBe(file.length);
    expect([BATCH_ROWS, 2 * BATCH_ROWS]).toContain(known);
    expect(await extentOf(sender)).toMatchObject({ records: file.length });
  });

  test("are exported, and deleted with their account, though the server is away then", async () => {
    const leaver = await newPerson(product.url);
    await leaver.request("POST", "/api/usage/records", { records: calls(3) });
    const exported = await (await leaver.request("GET", "/api/account/export")).text();
    expect(exported.match(/"kind":"usage","table":"records"/g)).toHaveLength(3);

    await server.kill();
    const decided = await leaver.request("DELETE", "/api/account", { email: leaver.email });
    expect(decided.status).toBe(202);
    await server.start();
    await eventually(
      async () => ((await extentOf(leaver)) === null ? true : await sleep(100)),
      () => "the records of a deleted account",
    );
  });
});

/** @returns so many calls of a model, as their sender has them. */
const calls = (length: number) =>
  Array.from({ length }, (_, index) => ({
    record_id: `call-${index}`,
    ts: Date.UTC(2026, 9, 1) + index,
    provider: "openai",
    request_model: "gpt-5-mini",
    input_tokens: 900,
    output_tokens: 40,
  }));

const AS_DEFAULT = { username: "default", password: "", database: "default" } as const;
