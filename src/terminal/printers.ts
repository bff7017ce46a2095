/** How one answer reaches the standard streams: for a person, for a pipe, or as frames for a program. */
import type { ServerFrame } from "../protocol/events.ts";
import type { MessageView, ThreadView } from "../protocol/thread-view.ts";
import { AnswerWriter } from "./answer-writer.ts";
import { plain } from "./plain-text.ts";
import { renderFrame } from "./render.ts";
import { painter, type World } from "./world.ts";

export interface Printer {
  frame(frame: ServerFrame, view: ThreadView): void;
  /** The answer as it stands now; called for the last time when it has ended. */
  answer(answer: MessageView): void;
  /** Something to know that is no event: it never mixes with the answer. */
  note(text: string): void;
}

/** Every frame as a line of JSON on the standard output, and nothing else. */
export function jsonPrinter({ stdout }: Pick<World, "stdout">): Printer {
  return {
    frame: (frame) => void stdout.write(`${JSON.stringify(frame)}\n`),
    answer() {},
    note() {},
  };
}

/**
 * Prints events on standard error and the answer on standard output. On a terminal the answer appears as it is
 * written; into a pipe it goes whole, and only if it is complete.
 */
export function textPrinter({ stdout, stderr }: Pick<World, "stdout" | "stderr">): Printer {
  const paint = painter(stderr);
  const writer = new AnswerWriter();
  let midLine = false;
  return {
    frame(frame, view) {
      const lines = renderFrame(frame, view, paint);
      if (midLine && lines.length > 0) stdout.write("\n");
      for (const line of lines) stderr.write(`${line}\n`);
      midLine &&= lines.length === 0;
    },
    answer(answer) {
      if (!stdout.isTTY) {
        if (answer.status === "complete") stdout.write(`${plain(answer.text)}\n`);
        return;
      }
      const piece = writer.follow([answer]);
      if (piece === "" || (piece === "\n" && !midLine)) return;
      stdout.write(piece);
      midLine = !piece.endsWith("\n");
    },
    note: (text) => void stderr.write(`${text}\n`),
  };
}
