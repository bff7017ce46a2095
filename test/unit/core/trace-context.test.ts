/** W3C Trace Context as requests bring it: what is taken, and what is as good as not there. */
import { describe, expect, test } from "vitest";
import { readTraceContext, traceHeaders, traceparentOf } from "../../../src/core/trace-context.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

const read = (traceparent: string, tracestate?: string) =>
  readTraceContext(new Headers({ traceparent, ...(tracestate !== undefined && { tracestate }) }));

describe("a traceparent is taken", () => {
  test.each([
    ["that is recorded", `00-${TRACE}-${SPAN}-01`, true],
    ["that is not", `00-${TRACE}-${SPAN}-00`, false],
    ["with flags that we don't know", `00-${TRACE}-${SPAN}-fe`, false],
    ["with the flag of a random id beside ours", `00-${TRACE}-${SPAN}-03`, true],
    ["of a later version", `cc-${TRACE}-${SPAN}-01`, true],
    ["of a later version that says more", `cc-${TRACE}-${SPAN}-01-what-the-future-brings`, true],
  ])("%s", (_, traceparent, sampled) => {
    expect(read(traceparent)).toEqual({ traceId: TRACE, spanId: SPAN, sampled, state: null });
  });
});

describe("a traceparent is as good as none", () => {
  test.each([
    ["that is empty", ""],
    ["that is a word", "trace-me"],
    ["of the version that there never is", `ff-${TRACE}-${SPAN}-01`],
    ["of this version that says more", `00-${TRACE}-${SPAN}-01-more`],
    ["of a later version that goes on without a dash", `cc-${TRACE}-${SPAN}-01more`],
    ["of a trace of zeros", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["of a span of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["in capital letters", `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ["whose trace is too short", `00-${TRACE.slice(1)}-${SPAN}-01`],
    ["whose trace is too long", `00-0${TRACE}-${SPAN}-01`],
    ["whose span is no number", `00-${TRACE}-${"g".repeat(16)}-01`],
    ["without flags", `00-${TRACE}-${SPAN}`],
    ["with half a flag", `00-${TRACE}-${SPAN}-1`],
    ["that comes twice", `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ["with underscores", `00_${TRACE}_${SPAN}_01`],
    ["without end", `cc-${TRACE}-${SPAN}-01-${"x".repeat(10_000)}`],
  ])("%s, and nothing of its tracestate counts", (_, traceparent) => {
    expect(read(traceparent, "vendor=1")).toBeNull();
  });

  test("where there is none", () => {
    expect(readTraceContext(new Headers({ tracestate: "vendor=1" }))).toBeNull();
  });
});

describe("a tracestate", () => {
  const VALID = `00-${TRACE}-${SPAN}-01`;
  test.each([
    [
      "is kept as it came",
      "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
      "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
    ],
    ["loses a member that is none", "rojo=1,,no-equals-sign,congo=2", "rojo=1,congo=2"],
    ["that is empty is none", " ", null],
    ["that is too long is none", `v=${"x".repeat(600)}`, null],
  ])("%s", (_, given, kept) => {
    expect(read(VALID, given)?.state).toBe(kept);
  });
});

test("what is handed on is the id alone, in this version, and nothing where there is no trace", () => {
  const context = { traceId: TRACE, spanId: SPAN, sampled: true, state: "vendor=1" };
  expect(traceHeaders(context)).toEqual({ traceparent: `00-${TRACE}-${SPAN}-01` });
  expect(traceparentOf({ ...context, sampled: false })).toBe(`00-${TRACE}-${SPAN}-00`);
  expect(traceHeaders(null)).toEqual({});
});
