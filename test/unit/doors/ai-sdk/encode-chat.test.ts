/** A run as UI message chunks: the AI SDK's own reader takes them, and shows what happened. */
import { readUIMessageStream, type UIMessage, type UIMessageChunk, uiMessageChunkSchema } from "ai";
import { expect, test } from "vitest";
import { UiEncoder } from "../../../../src/doors/ai-sdk/encode-chat.ts";
import type { RunFrame } from "../../../../src/http/follow-run.ts";
import { ApexError } from "../../../../src/protocol/errors.ts";
import { RunId, ThreadId } from "../../../../src/protocol/ids.ts";
import { problemOf } from "../../../../src/protocol/problem-of.ts";
import {
  CALLER_CALL,
  completed,
  completedTool,
  delta,
  event,
  executing,
  thought,
} from "../run-frames.ts";

/** @returns the chunks, as the AI SDK's own schema reads them. */
async function encoded(frames: readonly RunFrame[]): Promise<UIMessageChunk[]> {
  const encoder = new UiEncoder(ThreadId.parse("thread"), RunId.parse("thread.1"));
  const chunks = [...encoder.start(false), ...frames.flatMap((frame) => encoder.encode(frame))];
  return await Promise.all(
    chunks.map(async (chunk) => {
      const read = await uiMessageChunkSchema().validate?.(chunk);
      if (!read?.success) throw new Error(`No chunk of theirs: ${JSON.stringify(chunk)}`);
      return read.value;
    }),
  );
}

async function shown(chunks: readonly UIMessageChunk[]): Promise<UIMessage | undefined> {
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  let last: UIMessage | undefined;
  for await (const message of readUIMessageStream({ stream })) last = message;
  return last;
}

test("shows thoughts, handoffs, tools of ours and the text; the page's own tools wait for it", async () => {
  const chunks = await encoded([
    thought(2),
    event("handoff", { from: "supervisor", to: "triage", reason: "Why not.", findings: [] }),
    executing("a"),
    completedTool("a"),
    executing("b"),
    completedTool("b", "failed"),
    delta(0, "Good day"),
    completed("Good day.", { caller_calls: [CALLER_CALL] }),
  ]);
  const message = await shown(chunks);
  const parts = message?.parts.map((part) =>
    "state" in part ? [part.type, part.state] : part.type,
  );
  expect(parts).toEqual([
    "step-start",
    ["reasoning", "done"],
    "data-agent",
    ["dynamic-tool", "output-available"],
    ["dynamic-tool", "output-error"],
    ["text", "done"],
    ["tool-get_weather", "input-available"],
  ]);
  expect(message?.metadata).toMatchObject({ run_id: "thread.1", status: "completed" });
});

test("tells a failure as an error, and a cancel as an end that was wished for", async () => {
  const problem = problemOf(new ApexError("model_unavailable", "The model is away."));
  const failed = await encoded([completed("", { status: "failed", problem })]);
  expect(failed.at(-1)).toEqual({ type: "error", errorText: "The model is away." });
  const cancelled = await encoded([delta(0, "Go"), completed("Go", { status: "cancelled" })]);
  expect(cancelled.at(-1)).toMatchObject({ type: "abort" });
});

test("leaves out the end of a call that nobody approved", async () => {
  const chunks = await encoded([completedTool("a", "cancelled"), completed("No.")]);
  expect(chunks.map(({ type }) => type)).not.toContain("tool-output-error");
});
