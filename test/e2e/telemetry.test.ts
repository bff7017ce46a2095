/** What operators see of a real run: one trace from the request to the tool, and a page of metrics. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AcceptedMessage } from "../../src/protocol/api.ts";
import { type ModelServer, startModelServer } from "../model-server/main.ts";
import {
  attributesOf,
  type Collector,
  type OtlpSpan,
  startCollector,
} from "../telemetry/collector.ts";
import { MetricsPage } from "../telemetry/metrics-page.ts";
import { newPerson, type Person } from "./person.ts";
import {
  openaiSettings,
  type Product,
  startProduct,
  temporaryState,
  WITHOUT_USAGE,
} from "./product.ts";
import { eventually } from "./within.ts";

const KEY = "sk-of-the-telemetry";
const METRICS_TOKEN = "a-scrape-token-of-more-than-32-characters";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const QUESTION = "What did the marzipan project cost?";
const ANSWER = "No record tells of marzipan.";

let model: ModelServer;
let collector: Collector;
let state: Awaited<ReturnType<typeof temporaryState>>;
let product: Product;
let person: Person;

beforeAll(async () => {
  model = await startModelServer();
  collector = await startCollector();
  state = await temporaryState();
  product = await startProduct(state.path, {
    ...WITHOUT_USAGE,
    ...openaiSettings(model.url, KEY),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: "x-collector-key=let%20me%20in",
    METRICS_TOKEN,
  });
  person = await newPerson(product.url);
});

afterAll(async () => {
  await product?.kill();
  await state.remove();
  await model.close();
  await collector.close();
});

/** Asks in a trace, over HTTP, and waits for the end of the run. */
async function askIn(traceparent: string) {
  const threadId = await person.newThread();
  model.script(KEY, [
    { tool_calls: [{ id: "call_1", name: "usage_summary", arguments: ARGUMENTS }] },
    { text: ANSWER },
  ]);
  const headers = { traceparent, tracestate: "vendor=marked" };
  const path = `/api/threads/${threadId}/messages`;
  const answer = await person.request("POST", path, { content: QUESTION }, headers);
  const { run_id } = AcceptedMessage.parse(await answer.clone().json());
  return { threadId, answer, run: await person.ended(run_id) };
}

const ARGUMENTS = { window: { last_days: 77 } };

function inTrace(traceId: string): OtlpSpan[] {
  return collector.spans.filter((span) => span.traceId === traceId);
}

describe("A run that is asked for in a trace", () => {
  let spans: OtlpSpan[];
  let asked: Awaited<ReturnType<typeof askIn>>;

  beforeAll(async () => {
    asked = await askIn(`00-${TRACE}-${CALLER}-01`);
    spans = await eventually(
      () => (inTrace(TRACE).length >= 5 ? inTrace(TRACE) : undefined),
      () => JSON.stringify(inTrace(TRACE).map(({ name }) => name)),
      20_000,
    );
  });

  const named = (name: string) => spans.filter((span) => span.name === name);

  test("is one trace, from the request to the model and the tool", () => {
    expect(asked.run.status).toBe("completed");
    const [request] = named("POST /api/threads/{id}/messages");
    const [agent] = named("invoke_agent supervisor");
    const calls = named("chat gpt-5-mini");
    const [tool] = named("execute_tool usage_summary");
    expect([request, agent, tool, ...calls]).not.toContain(undefined);
    expect([spans.length, calls.length]).toEqual([5, 2]);
    expect(request).toMatchObject({ parentSpanId: CALLER, kind: 2, traceState: "vendor=marked" });
    expect(agent).toMatchObject({ parentSpanId: request?.spanId, kind: 1 });
    for (const call of calls) expect(call).toMatchObject({ parentSpanId: agent?.spanId, kind: 3 });
    expect(tool).toMatchObject({ parentSpanId: agent?.spanId, kind: 1 });
  });

  test("tells of the model by the conventions for generative AI", () => {
    const [first] = named("chat gpt-5-mini").map(attributesOf);
    expect(first).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-5-mini",
      "gen_ai.conversation.id": asked.threadId,
      "gen_ai.agent.name": "supervisor",
      "gen_ai.usage.input_tokens": expect.any(Number),
      "gen_ai.usage.output_tokens": expect.any(Number),
    });
    const [tool] = named("execute_tool usage_summary").map(attributesOf);
    expect(tool).toMatchObject({
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "usage_summary",
      "gen_ai.tool.call.id": "call_1",
    });
    const [agent] = named("invoke_agent supervisor").map(attributesOf);
    expect(agent).toMatchObject({
      "apex.run_id": asked.run.id,
      "apex.request_id": asked.answer.headers.get("x-request-id"),
      "user.id": person.credentials.user.id,
    });
  });

  test("goes on at the model, and is named to who asked", () => {
    const calls = named("chat gpt-5-mini").map(({ spanId }) => `00-${TRACE}-${spanId}-01`);
    const seen = model.requests(KEY).map(({ traceparent }) => traceparent);
    expect(new Set(seen.slice(-2))).toEqual(new Set(calls));
    const [request] = named("POST /api/threads/{id}/messages");
    expect(asked.answer.headers.get("traceresponse")).toBe(`00-${TRACE}-${request?.spanId}-01`);
  });

  test("is told without a word of what was said, asked of tools, or kept secret", () => {
    const told = collector.requests.map(({ body }) => body).join();
    for (const word of ["marzipan", "last_days", KEY, METRICS_TOKEN, "Bearer", person.email]) {
      expect(told).not.toContain(word);
    }
    expect(collector.requests[0]?.headers["x-collector-key"]).toBe("let me in");
  });
});

test("A trace that its caller does not record is not recorded here, and goes on all the same", async () => {
  const traceId = TRACE.replace("4bf9", "5bf9");
  await askIn(`00-${traceId}-${CALLER}-00`);
  expect(model.requests(KEY).at(-1)?.traceparent).toBe(`00-${traceId}-${CALLER}-00`);
  expect(inTrace(traceId)).toEqual([]);
});

test.each([
  ["is silent", "silent" as const],
  ["fails", 500],
  ["asks to come again", 503],
])("A run comes to its end while the collector %s", async (_, mode) => {
  collector.mode = mode;
  const before = collector.requests.length;
  const { run } = await askIn(`00-${TRACE}-${CALLER}-01`);
  expect(run.status).toBe("completed");
  await eventually(
    () => collector.requests.length > before || undefined,
    () => "nothing of that run at the collector, which then was in nobody's way",
  );
  collector.mode = 200;
});

describe("The page of metrics", () => {
  const scrape = (token: string | null) =>
    fetch(`${product.url}/metrics`, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });

  test("has what happened, as Prometheus reads it", async () => {
    const answer = await scrape(METRICS_TOKEN);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const page = new MetricsPage(await answer.text());
    const accepted = { route: "/api/threads/{id}/messages", method: "POST", status: "2xx" };
    expect(page.value("apex_http_requests_total", accepted)).toBe(5);
    expect(page.value("apex_runs_ended_total", { status: "completed" })).toBe(5);
    expect(page.value("apex_run_duration_seconds_count", { agent: "supervisor" })).toBe(5);
    expect(page.value("apex_tool_calls_total", { tool: "usage_summary" })).toBe(5);
    expect(page.value("apex_model_calls_total", { model: "gpt-5-mini", outcome: "ok" })).toBe(10);
    expect(page.value("apex_model_tokens_total", { kind: "input" })).toBeGreaterThan(100);
    expect(page.value("apex_trace_spans_exported_total")).toBeGreaterThan(4);
    expect(page.value("apex_breaker_open", { part: "model" })).toBe(0);
    expect(page.value("apex_metrics_reporters")).toBeGreaterThan(0);
  });

  test("is for operators and the scrape token alone", async () => {
    expect((await scrape(null)).status).toBe(401);
    expect((await scrape(`${METRICS_TOKEN}x`)).status).toBe(401);
    expect((await scrape(person.credentials.access_token)).status).toBe(404);
    const operator = await newPerson(product.url, undefined, { permissions: ["operator"] });
    expect((await scrape(operator.credentials.access_token)).status).toBe(200);
  });
});
