/** The way of spans to a collector, over real HTTP: what arrives, and that nothing waits where nothing does. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SpanExporter } from "../../../src/telemetry/span-exporter.ts";
import { tracerOf } from "../../../src/telemetry/tracer.ts";
import { otlp } from "../../../src/usage/import/spans.ts";
import { type Collector, startCollector } from "../../telemetry/collector.ts";
import { FakeClock } from "../core/fake-clock.ts";
import { memoryLog } from "../core/memory-log.ts";
import { shownMetrics } from "./recorded.ts";

let collector: Collector;
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(() => collector.close());

/** An exporter to the collector, and a tracer in front of it; pauses pass at once. */
function exporting(url = collector.url, sleeper?: FakeClock, deadlineMs = 150) {
  const { metrics, page } = shownMetrics();
  const log = memoryLog();
  const clock = sleeper ?? new FakeClock();
  const exporter = new SpanExporter({
    collector: { url: `${url}/v1/traces`, headers: { "x-key": "secret" } },
    resource: { "service.name": "apex-edge" },
    fetch: (request) => fetch(request),
    clock: sleeper ?? { now: () => clock.now(), sleep: async () => undefined },
    log,
    metrics,
    deadlineMs,
  });
  const tracer = tracerOf({ clock, ratio: 1, take: exporter.take });
  const work = (spans: number) => {
    for (let index = 0; index < spans; index += 1) tracer.start("work", null).end();
  };
  return { exporter, tracer, work, log, page, clock };
}

describe("spans arrive", () => {
  test("as OTLP has them, with the headers that were set, and their export untraced", async () => {
    const { exporter, tracer } = exporting();
    const span = tracer.start("chat model-1", null, { kind: "client", attributes: { tokens: 3 } });
    span.event("restart");
    span.end("model_timeout");
    await exporter.flush();
    const [request] = collector.requests;
    expect(request?.headers).toMatchObject({
      "x-key": "secret",
      "content-type": "application/json",
    });
    expect(request?.headers.traceparent).toMatch(/-00$/);
    expect(collector.spans).toMatchObject([
      { name: "chat model-1", kind: 3, status: { code: 2 }, events: [{ name: "restart" }] },
    ]);
  });

  test("in batches, each once", async () => {
    const { exporter, work, page } = exporting();
    work(1_300);
    await Promise.all([exporter.flush(), exporter.flush()]);
    await exporter.flush();
    expect(collector.requests).toHaveLength(3);
    expect(new Set(collector.spans.map(({ spanId }) => spanId)).size).toBe(1_300);
    expect(page().value("apex_trace_spans_exported_total")).toBe(1_300);
  });

  test("of many requests in one export, a moment after the first of them", async () => {
    const { exporter, work, clock } = exporting(collector.url, new FakeClock());
    const flushes = [1, 2, 3].map((spans) => {
      work(spans);
      return exporter.flushSoon();
    });
    expect(collector.requests).toEqual([]);
    await clock.advance(1_000);
    await Promise.all(flushes);
    expect(collector.requests).toHaveLength(1);
    expect(collector.spans).toHaveLength(6);
  });

  test("as the product's own intake of traces reads them", async () => {
    const { exporter, tracer } = exporting();
    const attributes = {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-5-mini",
      "gen_ai.conversation.id": "thread",
      "gen_ai.usage.input_tokens": 120,
      "gen_ai.usage.output_tokens": 8,
      "gen_ai.response.time_to_first_chunk": 0.25,
    };
    tracer.start("chat gpt-5-mini", null, { kind: "client", attributes }).end();
    await exporter.flush();
    const [body = ""] = collector.requests.map((request) => request.body);
    const mapped = otlp.unfold(JSON.parse(body)).map((span) => otlp.map(span));
    const draft = {
      provider: "openai",
      request_model: "gpt-5-mini",
      conversation_id: "thread",
      input_tokens: 120,
      output_tokens: 8,
      ttft_ms: 250,
    };
    expect(mapped).toEqual([expect.objectContaining({ draft: expect.objectContaining(draft) })]);
  });
});

describe("where the collector", () => {
  test.each([
    ["refuses", 400, 1, "refused"],
    ["is broken", 500, 1, "refused"],
    ["redirects", 302, 1, "refused"],
    ["asks to come again, and again", 503, 3, "unreachable"],
    ["is silent", "silent" as const, 3, "unreachable"],
  ])(
    "%s, its spans are dropped and counted, after so many tries",
    async (_, mode, tries, reason) => {
      const { exporter, work, log, page } = exporting();
      collector.mode = mode;
      work(7);
      await exporter.flush();
      expect(collector.requests).toHaveLength(tries);
      expect(page().value("apex_trace_spans_dropped_total", { reason })).toBe(7);
      expect(log.records).toMatchObject([
        { event: "traces.dropped", fields: { spans: 7, reason } },
      ]);
    },
  );

  test.each(["3", 3])(
    "takes all but %o of them, those are dropped and counted",
    async (rejectedSpans) => {
      const { exporter, work, log, page } = exporting();
      collector.answer = JSON.stringify({
        partialSuccess: { rejectedSpans, errorMessage: "full" },
      });
      work(7);
      await exporter.flush();
      expect(collector.requests).toHaveLength(1);
      expect(page().value("apex_trace_spans_exported_total")).toBe(4);
      expect(log.records).toMatchObject([
        { event: "traces.dropped", fields: { spans: 3, reason: "refused" } },
      ]);
    },
  );

  test.each([
    "",
    "Welcome!",
    '{"partialSuccess":{"rejectedSpans":"many"}}',
    '{"partialSuccess":{}}',
  ])("takes them with an answer that tells nothing more, all were taken: %s", async (answer) => {
    const { exporter, work, log, page } = exporting();
    collector.answer = answer;
    work(7);
    await exporter.flush();
    expect(page().value("apex_trace_spans_exported_total")).toBe(7);
    expect(log.records).toEqual([]);
  });

  test("is not there, it is left alone after three batches, and asked again later", async () => {
    await collector.close();
    const { exporter, work, page } = exporting();
    for (let batch = 0; batch < 5; batch += 1) {
      work(1);
      await exporter.flush();
    }
    const dropped = page();
    expect(dropped.value("apex_trace_spans_dropped_total", { reason: "unreachable" })).toBe(3);
    expect(dropped.value("apex_trace_spans_dropped_total", { reason: "breaker_open" })).toBe(2);
    collector = await startCollector();
  });

  test("is slow, a flush begins no batch that it could not bring to its end", async () => {
    const { exporter, work, clock } = exporting(collector.url, undefined, 60_000);
    work(1_300);
    const { fetch } = globalThis;
    const slow = vi.spyOn(globalThis, "fetch").mockImplementation(async (...asked) => {
      await clock.advance(6_000);
      return await fetch(...asked);
    });
    await exporter.flush();
    expect(collector.spans).toHaveLength(1_024);
    slow.mockRestore();
    await exporter.flush();
    expect(collector.spans).toHaveLength(1_300);
  });

  test("has more to take than an isolate keeps, the newest are dropped", async () => {
    const { exporter, work, page } = exporting();
    work(2_148);
    await exporter.flush();
    expect(collector.spans).toHaveLength(2_048);
    expect(page().value("apex_trace_spans_dropped_total", { reason: "queue_full" })).toBe(100);
  });
});
