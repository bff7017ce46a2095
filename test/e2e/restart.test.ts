/** What survives: an end and a new start, and a power cut in the middle of a run. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { z } from "zod";
import { Credentials, ThreadPage } from "../../src/protocol/api.ts";
import type { Message, Run } from "../../src/protocol/entities.ts";
import { isLogged } from "../../src/protocol/frames.ts";
import type { ThreadId } from "../../src/protocol/ids.ts";
import { type ModelServer, startModelServer } from "../model-server/main.ts";
import { newPerson, type Person } from "./person.ts";
import {
  openaiSettings,
  type Product,
  processTree,
  startProduct,
  temporaryState,
} from "./product.ts";
import { eventsOfRun, followThread, openSocket } from "./recording.ts";
import { expectDeltasToMake, expectGapless, expectRules, ofType } from "./rules.ts";
import { eventually } from "./within.ts";

const KEY = "sk-of-the-restarts";
/** Wider than the sample, so that it holds every record there is. */
const ALL_RECORDS = { window: { last_days: 366 } };
const ANSWER = "The records hold that many requests.";

let model: ModelServer;
let state: Awaited<ReturnType<typeof temporaryState>>;
let product: Product;

beforeAll(async () => {
  model = await startModelServer();
  state = await temporaryState();
});

afterAll(async () => {
  await product?.kill();
  await state.remove();
  await model.close();
});

/** A start takes a while on a busy machine, and these are several. */
vi.setConfig({ testTimeout: 180_000 });

function start(): Promise<Product> {
  return startProduct(state.path, openaiSettings(model.url, KEY));
}

describe("One state, started several times", () => {
  let person: Person;
  let threadId: ThreadId;
  let records: number;
  let threads: unknown;
  let history: Message[];

  test("begins with an empty folder, says one line when it is ready, and disturbs no other copy", async () => {
    const neighbour = await newPerson(inject("demoUrl"));
    const live = await openSocket(neighbour, await neighbour.newThread());
    product = await start();

    const ready = product
      .output()
      .split("\n")
      .filter((line) => line.includes("ready"));
    expect(ready).toEqual([expect.stringContaining(`Apex Edge is ready at ${product.url}`)]);
    expect(product.output()).not.toContain(KEY);
    // Wrangler would keep every step of a request there, and serve more slowly for it.
    expect(await readdir(join(state.path, "v3"))).not.toContain("observability");
    expect(live.socket.readyState).toBe(WebSocket.OPEN);
    const { data } = await live.say("Hello, what can you do?");
    expect((await live.completed(data.run_id)).data.status).toBe("completed");
    live.close();
  });

  test("has the sample company's records, and ends on SIGTERM with exit code 0", async () => {
    person = await newPerson(product.url);
    threadId = await person.newThread();
    records = await countRecords(person, threadId);
    expect(records).toBeGreaterThan(190_000);
    history = await person.history(threadId);
    expect(history.at(-1)).toMatchObject({ content: ANSWER, status: "complete" });
    threads = await listThreads(person);

    expect(await product.stop("SIGTERM")).toBe(0);
    await expect(fetch(product.url)).rejects.toThrow();
    const lines = product.output().trim().split("\n");
    const progress = lines.filter((line) => line.startsWith("Loading the sample company: "));
    expect(progress.length).toBeGreaterThan(1);
    expect(lines.length - progress.length).toBe(2);
    expect(await filesWith(KEY), "files that hold the API key").toEqual([]);
  });

  test("keeps sign-ins, threads and history, and loads the sample no second time", async () => {
    product = await start();
    const refreshed = await fetch(`${product.url}/api/auth/refresh`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refresh_token: person.credentials.refresh_token }),
    });
    expect(Credentials.parse(await refreshed.json()).user).toEqual(person.credentials.user);

    const again = await newPerson(product.url, person.email);
    expect(again.credentials.user).toEqual(person.credentials.user);
    expect(await listThreads(again)).toEqual(threads);
    expect(await again.history(threadId)).toEqual(history);
    expect(await countRecords(again, threadId)).toBe(records);
    expect(await again.history(threadId)).toHaveLength(4);
  });
});

test("After a power cut in the middle of a run it ends by itself: nothing is lost, nothing is said twice", async () => {
  const before = model.requests(KEY).length;
  model.script(KEY, [
    { tool_calls: [{ name: "usage_summary", arguments: ALL_RECORDS }] },
    { text: "This is the half that the power cut ends", hang: "after_content" },
    { text: ANSWER },
    { text: "And this waited behind it." },
  ]);
  const person = await newPerson(product.url);
  const threadId = await person.newThread();
  const live = await openSocket(person, threadId);
  const { data } = await live.say("How many requests are there?");
  const waiting = await live.say("What waited behind that?");
  await live.frame("message_delta", ({ text, offset }) => offset + text.length > 30);
  const seen = live.frames.filter(isLogged);
  await product.kill();
  product = await start();
  // Nobody asks the product anything: that its model is asked again is its own doing.
  await eventually(
    () => model.requests(KEY).at(before + 3),
    () => `${model.requests(KEY).length - before} requests at the model`,
  );

  const back = await newPerson(product.url, person.email);
  const run: Run = await back.ended(data.run_id);
  expect(run).toMatchObject({ status: "completed", final_response: ANSWER });
  const stream = await followThread(back, threadId);
  await stream.completed(waiting.data.run_id);
  stream.close();
  expect(stream.frames.filter(isLogged).slice(0, seen.length)).toEqual(seen);
  const { calls, end } = expectRules(stream.frames, data.run_id, person);
  expectGapless(stream.frames);
  expect(calls).toMatchObject([{ tool_name: "usage_summary", status: "succeeded" }]);
  expect(end.data.final_response).toBe(ANSWER);
  const fallbacks = ofType(eventsOfRun(stream.frames, data.run_id), "agent_fallback");
  expect(fallbacks).toMatchObject([{ data: { part: "run" } }]);
  const second = expectRules(stream.frames, waiting.data.run_id, person);
  expect(second.started?.seq).toBeGreaterThan(end.seq);
  expect(model.requests(KEY)).toHaveLength(before + 4);
  const history = await back.history(threadId);
  expect(history.map(({ status }) => status)).toEqual(Array(4).fill("complete"));
  expect(history.filter(({ role }) => role === "assistant")).toMatchObject([
    { content: ANSWER },
    { content: "And this waited behind it." },
  ]);
});

test("Closing its terminal (SIGHUP) ends it, and what it started", async () => {
  const [, ...started] = processTree(product.pid);
  // A terminal tells all that runs in its foreground, npm included, which ends without a code.
  process.kill(-product.pid, "SIGHUP");
  await product.exited;
  await vi.waitFor(() => expect(started.filter(isAlive)).toEqual([]), 10_000);
  await expect(fetch(product.url)).rejects.toThrow();
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** @returns the files at the top of the state that hold a text. */
async function filesWith(secret: string): Promise<string[]> {
  const entries = await readdir(state.path, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const held = await Promise.all(files.map((name) => readFile(join(state.path, name), "utf8")));
  return files.filter((_, index) => held[index]?.includes(secret));
}

/** Has a tool count every record there is. */
async function countRecords(person: Person, threadId: ThreadId): Promise<number> {
  model.script(KEY, [
    { tool_calls: [{ name: "usage_summary", arguments: ALL_RECORDS }] },
    { text: ANSWER },
  ]);
  const live = await openSocket(person, threadId);
  const { data } = await live.say("How many requests are there?");
  await live.completed(data.run_id);
  live.close();
  const { calls } = expectRules(live.frames, data.run_id, person);
  expectDeltasToMake(ANSWER, live.frames, data.run_id);
  return z.object({ n_records: z.number() }).parse(calls[0]?.results).n_records;
}

async function listThreads(person: Person) {
  return ThreadPage.parse(await (await person.request("GET", "/api/threads")).json()).data;
}
