/** Lines of JSON as a stream that never holds more than a page of them. */
import { consoleLog, inThisLogContext } from "../telemetry/log.ts";

/** Wide on purpose: the router takes a literal type that ends in "json" for an answer by `c.json`. */
export const NDJSON: string = "application/x-ndjson";

/** Reads a page of lines when the client has taken the one before. A failure ends the stream where it is. */
export function linesStream(pages: AsyncGenerator<readonly object[]>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      // Whoever reads has no context of its own.
      pull: inThisLogContext(async (controller: ReadableStreamDefaultController<Uint8Array>) => {
        try {
          for (;;) {
            const { done, value } = await pages.next();
            if (done) return controller.close();
            const text = value.map((line) => `${JSON.stringify(line)}\n`).join("");
            if (text !== "") return controller.enqueue(encoder.encode(text));
          }
        } catch (error) {
          consoleLog.error("export.failed", error);
          controller.close();
        }
      }),
      async cancel() {
        await pages.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
