/** Where a conversation appears: lines, an answer in pieces, and the prompt when it is the user's turn. */
import type { Interface } from "node:readline/promises";
import type { ApexError } from "../protocol/errors.ts";
import { oneLine } from "./plain-text.ts";
import type { Paint } from "./render.ts";
import { painter } from "./world.ts";

export interface Screen {
  readonly paint: Paint;
  /** Prints a line of its own. */
  line(text: string): void;
  lines(texts: readonly string[]): void;
  /** Says something beside the conversation. */
  note(text: string): void;
  /** Says what went wrong. */
  complain(error: ApexError): void;
  /** Goes on with the answer; the piece that ends it ends in a line feed. */
  piece(text: string): void;
  /** It is the user's turn. */
  ask(): void;
}

const CLEAR_LINE = "\r\u001b[K";

/** @param reader the keyboard, whose prompt gives way to what is printed; null where none is shown. */
export function openScreen(stdout: NodeJS.WritableStream, reader: Interface | null): Screen {
  let midLine = false;
  let prompted = false;
  let reading = reader !== null;
  reader?.on("line", () => {
    prompted = false;
  });
  reader?.on("close", () => {
    reading = false;
    if (prompted) stdout.write("\n");
  });
  function write(text: string): void {
    if (prompted) stdout.write(CLEAR_LINE);
    prompted = false;
    stdout.write(text);
    midLine = !text.endsWith("\n");
  }
  const paint = painter(stdout);
  const line = (text: string) => write(`${midLine ? "\n" : ""}${text}\n`);
  return {
    paint,
    line,
    lines: (texts) => texts.forEach(line),
    note: (text) => line(paint("dim", text)),
    complain: (error) => line(paint("red", `! ${oneLine(error.message)}`)),
    piece(text) {
      // A line between the answer's last piece and its end has ended the answer's line already.
      if (text !== "" && (midLine || text !== "\n")) write(text);
    },
    ask() {
      if (prompted || !reading) return;
      prompted = true;
      // What was typed before the prompt gave way is still there.
      reader?.prompt(true);
    },
  };
}
