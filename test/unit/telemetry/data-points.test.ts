/** The columns of data points, which queries know by their places: they stay where they are. */
import { expect, test } from "vitest";
import { requestPoint, runPoint } from "../../../src/telemetry/data-points.ts";

test("a request: index route; blobs kind, route, method, trace; doubles status, milliseconds", () => {
  const answered = { route: "/health", method: "GET", status: 200, durationMs: 3, traceId: "t" };
  expect(requestPoint(answered)).toEqual({
    indexes: ["/health"],
    blobs: ["request", "/health", "GET", "t"],
    doubles: [200, 3],
  });
});

test("a run: index agent; blobs kind, agent, model, trace, status; doubles milliseconds, tokens, US$", () => {
  const ended = { agent: "data", model: "m", status: "completed", durationMs: 5, traceId: "t" };
  const usage = { inputTokens: 7, outputTokens: 2, costUsd: null };
  expect(runPoint({ ...ended, ...usage })).toEqual({
    indexes: ["data"],
    blobs: ["run", "data", "m", "t", "completed"],
    doubles: [5, 7, 2, 0],
  });
});
