/** Newline-delimited JSON as a stream. Only one page of lines is in memory at a time. */
import { consoleLog, inThisLogContext } from "../telemetry/log.ts";

/** Typed as a string on purpose: for a literal that ends in "json" the router's types demand `c.json`. */
export const NDJSON: string = "application/x-ndjson";

/** Reads a page only after the client has taken the one before. A failure aborts the stream. */
export function linesStream(pages: AsyncGenerator<readonly object[]>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      // The stream is read outside of any log context.
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
