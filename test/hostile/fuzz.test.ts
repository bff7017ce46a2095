/** Requests made from the OpenAPI document, fitting, bent and garbage: each is answered as the document says. */
import fc, { type Arbitrary } from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { withDeadline } from "../../src/core/deadline.ts";
import { FAILURES } from "../../src/protocol/failures.ts";
import { Problem } from "../../src/protocol/problem.ts";
import { ask } from "../worker/http/ask.ts";
import { beginThread } from "../worker/thread/conversation.ts";
import { isSocket, type Operation, pathOf, readDocument } from "./operations.ts";
import { bodyFor, fitting, parserOf, someText } from "./schemas.ts";
import { type InsideWorld, makeWorld, signIn } from "./world.ts";

const { operations, schemas } = await readDocument(ask);
const Settings = z.object({
  VITE_FUZZ_RUNS: z.coerce.number().default(8),
  VITE_FUZZ_SEED: z.coerce.number().default(() => Date.now() % 2 ** 31),
});
/** Requests to each operation, and the seed that makes them. */
const { VITE_FUZZ_RUNS: RUNS, VITE_FUZZ_SEED: SEED } = Settings.parse(process.env);
/** What an operation may take to answer, in milliseconds: far more than any needs, and no hang. */
const DEADLINE_MS = 15_000;
/** What any request may be answered with, whatever its operation: the platform's own refusals. */
const ANYWHERE = new Set([404, 405, 408, 413, 429, 431]);

const Line = z.looseObject({ event: z.string(), request_id: z.string().optional() });

interface Sent {
  readonly path: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly isSignedIn: boolean;
}

let world: InsideWorld;
/** Every line of the log that all of it wrote. */
const logged: string[] = [];

beforeAll(async () => {
  for (const level of ["debug", "log", "info", "warn", "error", "trace"] as const) {
    vi.spyOn(console, level).mockImplementation((...line) => void logged.push(line.join(" ")));
  }
  world = await makeWorld();
});
afterAll(() => {
  vi.restoreAllMocks();
});

describe("every operation answers as the document says", () => {
  const rows = operations.map((operation): [string, Operation] => [operation.name, operation]);
  it.each(rows)("%s", { timeout: 600_000 }, async (_, operation) => {
    // Of its own, because an operation may well end what it is sent with.
    const credentials = await signIn(world.attacker.credentials.user.email);
    const attacker = { ...world.attacker, credentials, thread: await beginThread(credentials) };
    await fc.assert(
      fc.asyncProperty(requestsTo(operation), async (sent) => {
        const response = await withDeadline(DEADLINE_MS, () =>
          send(operation, sent, { ...world, attacker }),
        );
        await expectDocumented(operation, response);
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    );
  });
});

it("every line of the log that these requests wrote, and the runs they began, names the request", () => {
  const lines = logged.map((line) => Line.parse(JSON.parse(line)));
  expect(lines.some(({ event }) => event === "run.ended")).toBe(true);
  expect(lines.filter(({ request_id }) => request_id === undefined)).toEqual([]);
});

/** @returns requests whose every part is of a kind of its own. */
function requestsTo(operation: Operation): Arbitrary<Sent> {
  const { parameters, body } = operation;
  const named = (place: string) => parameters.filter((parameter) => parameter.in === place);
  const ids = fc.record(
    Object.fromEntries(
      named("path").map(({ name }): [string, Arbitrary<string>] => [name, idsOf()]),
    ),
  );
  const query = fc.record(
    Object.fromEntries(
      named("query").map(({ name, schema }): [string, Arbitrary<unknown>] => [
        name,
        fc.oneof(fitting(schema), someText),
      ]),
    ),
    { requiredKeys: [] },
  );
  return fc
    .record({
      ids,
      query,
      body: body === null ? fc.constant(undefined) : bodyFor(body),
      headers: headers(operation),
      isSignedIn: fc.oneof(
        { weight: 4, arbitrary: fc.constant(true) },
        { weight: 1, arbitrary: fc.constant(false) },
      ),
    })
    .map(({ ids, query, ...rest }) => ({ ...rest, path: addressOf(operation, ids, query) }));
}

/** One's own things, another's, and whatever comes. */
function idsOf(): Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom("{mine}", "{my_run}", "{theirs}", "{me}", "{my_session}"),
    someText,
  );
}

function headers(operation: Operation): Arbitrary<Record<string, string>> {
  const type = fc.constantFrom(
    "application/json",
    "application/json; charset=utf-8",
    "text/plain",
    "",
  );
  return fc
    .record(
      {
        "content-type": fc.oneof({ weight: 6, arbitrary: fc.constant("application/json") }, type),
        accept: fc.constantFrom("*/*", "application/json", "text/event-stream", "text/html"),
        "last-event-id": fc.constantFrom("x.1", "x", "1.-1", "x.99999999999999999"),
        "x-user-id": fc.constant("x"),
        origin: fc.constantFrom("https://apex.test", "https://evil.test", "null"),
      },
      { requiredKeys: ["content-type"] },
    )
    .map((made) => (isSocket(operation) ? { ...made, upgrade: "websocket" } : made));
}

function addressOf(operation: Operation, ids: Record<string, string>, query: object): string {
  const parameter = (name: string) => encode(ids[name] ?? "x");
  const search = Object.entries(query).map(([name, value]) => `${name}=${encode(String(value))}`);
  return `${pathOf(operation, parameter)}${search.length > 0 ? `?${search.join("&")}` : ""}`;
}

/** Places of the world keep their braces until there is a world. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll("%7B", "{").replaceAll("%7D", "}");
}

function send({ method }: Operation, sent: Sent, { attacker, victim }: InsideWorld) {
  const { path, body, isSignedIn } = sent;
  const { thread, runId, sessionId, credentials } = attacker;
  const address = path
    .replace("{mine}", thread.threadId)
    .replace("{my_run}", runId)
    .replace("{theirs}", victim.thread.threadId)
    .replace("{me}", credentials.user.id)
    .replace("{my_session}", sessionId);
  return ask(address, {
    method,
    headers: { ...sent.headers },
    ...(body !== undefined && { body }),
    ...(isSignedIn && { token: credentials.access_token }),
  });
}

/** Holds an answer to the document: its status is told of, and its body is what is told. */
async function expectDocumented({ responses }: Operation, response: Response): Promise<void> {
  const { status, webSocket } = response;
  if (status === 101) {
    webSocket?.accept();
    webSocket?.close(1000);
    return;
  }
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  if (type === "text/event-stream") {
    expect(Object.keys(responses)).toContain(String(status));
    return await response.body?.cancel();
  }
  const text = await response.text();
  if (status >= 400) {
    const problem = Problem.parse(JSON.parse(text));
    expect(type).toBe("application/problem+json");
    expect([problem.status, FAILURES[problem.code].status]).toEqual([status, status]);
    // Whom we ask in turn may be away; the document says of which operations that may be true.
    expect(status < 500 || status === 502 || status === 503, text).toBe(true);
    if (!ANYWHERE.has(status)) expect(Object.keys(responses), text).toContain(String(status));
    return;
  }
  const told = responses[String(status)];
  expect(told, `${status}: ${text}`).toBeDefined();
  const schema = told?.content?.[type]?.schema;
  if (schema === undefined) expect(text).toBe("");
  else if (type === "application/json") parserOf(schema, schemas).parse(JSON.parse(text));
}
