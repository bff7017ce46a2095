/** Exports a thread as a file, written page by page. */
import type { Message, Thread } from "../protocol/entities.ts";
import type { ThreadExportFormat } from "../protocol/history.ts";

/** How a file format begins, writes each message, and ends. */
interface FileFormat {
  readonly type: string;
  readonly extension: string;
  readonly open: (thread: Thread) => string;
  readonly message: (message: Message, isFirst: boolean) => string;
  readonly close: string;
}

const COLUMNS = ["id", "created_at", "role", "agent", "status", "run_id", "content"] as const;

export const FILE_FORMATS: Readonly<Record<ThreadExportFormat, FileFormat>> = {
  json: {
    type: "application/json; charset=utf-8",
    extension: "json",
    open: (thread) => `{"thread":${JSON.stringify(thread)},"messages":[`,
    message: (message, isFirst) => `${isFirst ? "" : ","}${JSON.stringify(message)}`,
    close: "]}\n",
  },
  csv: {
    type: "text/csv; charset=utf-8; header=present",
    extension: "csv",
    open: () => `${COLUMNS.join(",")}\r\n`,
    message: (message) => `${COLUMNS.map((column) => cell(message[column])).join(",")}\r\n`,
    close: "",
  },
  markdown: {
    type: "text/markdown; charset=utf-8",
    extension: "md",
    open: ({ title }) => `# ${(title ?? "Untitled").replaceAll(/[\\`*_[\]<>#]/g, "\\$&")}\n`,
    message: ({ role, agent, created_at, content }) =>
      `\n## ${role === "user" ? "You" : (agent ?? "Agent")}, ${created_at}\n\n${content}\n`,
    close: "",
  },
};

/**
 * @returns one field of CSV (RFC 4180). What a spreadsheet would run as a formula is marked as text (OWASP, CSV
 *   injection).
 */
function cell(value: string | null): string {
  const text = value ?? "";
  const safe = /^\s*[=+\-@\t\r|%]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** @returns the file. If reading fails, the stream is aborted, so that the file is not taken for complete. */
export function threadFile(
  format: FileFormat,
  thread: Thread,
  pages: AsyncGenerator<readonly Message[]>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isFirst = true;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(encoder.encode(format.open(thread)));
      },
      async pull(controller) {
        const { done, value } = await pages.next();
        if (done) {
          if (format.close !== "") controller.enqueue(encoder.encode(format.close));
          return controller.close();
        }
        const lines = value.map((message) => {
          const line = format.message(message, isFirst);
          isFirst = false;
          return line;
        });
        controller.enqueue(encoder.encode(lines.join("")));
      },
      async cancel() {
        await pages.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
