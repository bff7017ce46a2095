/** The end of a run, for clients that only read whole bodies. */
import type { RunFrame } from "../http/follow-run.ts";
import { ApexError } from "../protocol/errors.ts";

/**
 * Reads a run to its end, which may take minutes.
 * @param hear called with each of its frames, in order.
 * @returns how it ended.
 * @throws {ApexError} `unavailable` if it could not be followed.
 */
export async function runEnd(
  frames: ReadableStream<RunFrame>,
  hear: (frame: RunFrame) => void = () => undefined,
): Promise<Extract<RunFrame, { type: "agent_completed" }>["data"]> {
  const reader = frames.getReader();
  for (;;) {
    const { done, value: frame } = await reader.read();
    if (done) throw new ApexError("unavailable", "The run could not be followed to its end.");
    hear(frame);
    if (frame.type === "agent_completed") return frame.data;
  }
}
