/** The tracer: what is recorded, what is only handed on, and the bounds of a span. */
import { describe, expect, test } from "vitest";
import { tracerOf } from "../../../src/telemetry/tracer.ts";
import { FakeClock } from "../core/fake-clock.ts";
import { recordingTracer } from "./recorded.ts";

const PARENT = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  sampled: true,
  state: "vendor=1",
};

describe("a span", () => {
  test("goes on in the trace that it was asked for in, and its children in it", () => {
    const { spans, tracer } = recordingTracer();
    const parent = tracer.start("request", PARENT, { kind: "server" });
    const child = parent.child("work");
    child.end();
    parent.end();
    expect(spans).toMatchObject([
      {
        name: "work",
        kind: "internal",
        parent: { spanId: parent.context?.spanId, isRemote: false },
      },
      { name: "request", kind: "server", parent: { spanId: PARENT.spanId, isRemote: true } },
    ]);
    for (const { context } of spans) {
      expect(context).toMatchObject({ traceId: PARENT.traceId, sampled: true, state: "vendor=1" });
    }
  });

  test("without a parent begins a trace of its own, each another one", () => {
    const { spans, tracer } = recordingTracer();
    for (const name of ["one", "other"]) tracer.start(name, null).end();
    const ids = spans.map(({ context }) => context.traceId);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(spans[0]?.parent).toBeNull();
  });

  test("keeps what it is told within bounds, and nothing after its end", () => {
    const { spans, tracer } = recordingTracer();
    const span = tracer.start("work", null, {
      attributes: { nothing: null, long: "x".repeat(9_999) },
    });
    for (let index = 0; index < 40; index += 1) span.event("again");
    span.end("model_timeout");
    span.set({ late: 1 });
    span.end();
    expect(spans).toHaveLength(1);
    const [{ attributes, events, droppedEvents, errorType } = expect.fail()] = spans;
    expect(attributes).toEqual({ long: "x".repeat(256), "error.type": "model_timeout" });
    expect([events.length, droppedEvents, errorType]).toEqual([32, 8, "model_timeout"]);
  });
});

describe("what is recorded", () => {
  test("is chosen by whoever began the trace, whatever the ratio", () => {
    const { spans, tracer } = recordingTracer({ ratio: 0 });
    tracer.start("asked for", PARENT).end();
    tracer.start("not asked for", { ...PARENT, sampled: false }).end();
    tracer.start("own", null).end();
    expect(spans.map(({ name }) => name)).toEqual(["asked for"]);
  });

  test("is the share that was set, of the traces that begin here", () => {
    const { spans, tracer } = recordingTracer({ ratio: 0.25 });
    for (let index = 0; index < 4_000; index += 1) tracer.start("own", null).end();
    expect(spans.length).toBeGreaterThan(850);
    expect(spans.length).toBeLessThan(1_150);
  });

  test("is not chosen by who may be anybody: what they ask for is the share that was set", () => {
    const anybodys = { kind: "server", isAnybodys: true } as const;
    const chosen = { ...PARENT, traceId: `4bf92f3577b34da6a3ce929d${"0".repeat(8)}` };
    for (const [ratio, least, most] of [
      [0, 0, 0],
      [0.25, 850, 1_150],
      [1, 4_000, 4_000],
    ] as const) {
      const { spans, tracer } = recordingTracer({ ratio });
      for (let index = 0; index < 4_000; index += 1) {
        const span = tracer.start("asked for", chosen, anybodys);
        expect(span.context).toMatchObject({ traceId: chosen.traceId, sampled: true });
        span.end();
      }
      expect(spans.length).toBeGreaterThanOrEqual(least);
      expect(spans.length).toBeLessThanOrEqual(most);
    }
  });

  test("is what anybody asked for, once it is known who they are", () => {
    const { spans, tracer } = recordingTracer({ ratio: 0 });
    const asked = (parent: typeof PARENT) => {
      const span = tracer.start(parent.traceId, parent, { isAnybodys: true });
      span.trust();
      span.end();
    };
    asked(PARENT);
    asked({ ...PARENT, sampled: false });
    expect(spans).toHaveLength(1);
  });

  test("is nothing where nobody takes it: then a trace is handed on as it came", () => {
    const tracer = tracerOf({ clock: new FakeClock(), ratio: 1, take: null });
    expect(tracer.start("request", PARENT).child("work").context).toEqual(PARENT);
    expect(tracer.start("request", null).context).toMatchObject({ sampled: false, state: null });
  });
});
