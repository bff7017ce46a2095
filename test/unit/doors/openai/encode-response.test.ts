/** A run as a response's events: the official client's own state machine takes every order of them. */
import fc from "fast-check";
import { ResponseStream } from "openai/lib/responses/ResponseStream";
import { expect, test } from "vitest";
import {
  ResponseEncoder,
  type ResponseEvent,
} from "../../../../src/doors/openai/encode-response.ts";
import { PLAIN_REQUEST } from "../../../../src/doors/openai/response-requests.ts";
import type { RunFrame } from "../../../../src/http/follow-run.ts";
import { RunId } from "../../../../src/protocol/ids.ts";
import {
  CALLER_CALL,
  completed,
  completedTool,
  delta,
  event,
  executing,
  thought,
} from "../run-frames.ts";

const ABOUT = {
  runId: RunId.parse("thread.1"),
  model: "apex-supervisor",
  createdAt: 1,
  request: PLAIN_REQUEST,
};

function encoded(frames: readonly RunFrame[]): ResponseEvent[] {
  const encoder = new ResponseEncoder(ABOUT);
  return [...encoder.start(), ...frames.flatMap((frame) => encoder.encode(frame))];
}

/** @returns the response as the official client puts it together. */
async function accumulated(events: readonly ResponseEvent[]) {
  const lines = events.map((each) => `${JSON.stringify(each)}\n`).join("");
  return await ResponseStream.fromReadableStream(new Blob([lines]).stream()).finalResponse();
}

test("thoughts, tools of ours, text and calls of the caller's are items, in the order they began", async () => {
  const response = await accumulated(
    encoded([
      thought(2),
      executing("a"),
      executing("b"),
      completedTool("b", "failed"),
      completedTool("a"),
      delta(0, "Good "),
      thought(7),
      delta(5, "day."),
      completed("Good day.", { caller_calls: [CALLER_CALL] }),
    ]),
  );
  expect(response.output.map(({ type }) => type)).toEqual([
    "reasoning",
    "mcp_call",
    "mcp_call",
    "message",
    "reasoning",
    "function_call",
  ]);
  expect(response.output_text).toBe("Good day.");
  expect(response.usage).toMatchObject({ input_tokens: 10, output_tokens: 5, total_tokens: 15 });
});

test("a call that nobody approved is not there, for it was never opened", async () => {
  const events = encoded([completedTool("a", "cancelled"), completed("No.")]);
  expect((await accumulated(events)).output.map(({ type }) => type)).toEqual(["message"]);
});

test("events count from 0 without a gap, and what is not theirs is left out", () => {
  const events = encoded([
    event("handoff", { from: "supervisor", to: "triage", reason: "Why not.", findings: [] }),
    completed(""),
  ]);
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
  expect(events.map(({ type }) => type)).toEqual([
    "response.created",
    "response.in_progress",
    "response.completed",
  ]);
});

test("any order of frames gives events that the official client takes", async () => {
  const frame = fc.oneof(
    fc
      .record({ offset: fc.nat({ max: 9 }), text: fc.string({ maxLength: 5 }) })
      .map((piece) => delta(piece.offset, piece.text)),
    fc.constantFrom("thought" as const, "tool" as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 12 }), fc.string(), async (frames, whole) => {
      const told = frames.flatMap((each, index) => {
        if (each === "thought") return thought(index + 2);
        if (each !== "tool") return each;
        return [executing(`call-${index}`), completedTool(`call-${index}`)];
      });
      const response = await accumulated(encoded([...told, completed(whole)]));
      expect(response.output_text.endsWith(whole)).toBe(true);
    }),
    { numRuns: 40 },
  );
});
