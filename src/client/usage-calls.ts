/** The calls about usage: files tried and taken in, what was set aside, and prices of one's own. */
import { ApexError } from "../protocol/errors.ts";
import { isErrorCode } from "../protocol/failures.ts";
import type { Json } from "../protocol/json.ts";
import type { ToolExecution } from "../protocol/tools.ts";
import type {
  ImportEvent,
  ImportFormat,
  ImportPreview,
  Price,
  PriceBody,
  Prices,
  QuarantinePage,
  UsageImport,
  UsageImportPage,
} from "../protocol/usage.ts";
import { type Ask, below, type Open } from "./ask.ts";
import { EventStream } from "./event-stream.ts";
import { isNothing } from "./http.ts";
import { readJson } from "./incoming.ts";
import {
  isImportEvent,
  isImportPreview,
  isPrice,
  isPrices,
  isQuarantinePage,
  isToolExecution,
  isUsageImport,
  isUsageImportPage,
} from "./usage-answers.ts";

/** How a file is read, where it does not say so itself. */
export interface ImportOptions {
  /** Told from the first row where it is left out. */
  readonly format?: ImportFormat | undefined;
  /** For csv and ndjson, as JSON: `{"columns": {"ts": "time"}}`. */
  readonly column_map?: string | undefined;
}

export interface NamedImport extends ImportOptions {
  readonly import_id: string;
  readonly file_name?: string | undefined;
}

/** What an import tells until its end; a failure is thrown. */
export type ImportNews = Exclude<ImportEvent, { type: "import_failed" }>;

export function usageCalls(ask: Ask, open: Open) {
  const path = "/api/usage/imports";
  const prices = "/api/usage/prices";
  const send = (file: Blob, query: Readonly<Record<string, string | undefined>>) => ({
    ...({ method: "POST", path, query, file } as const),
    headers: { accept: "text/event-stream, application/json" },
  });
  return {
    /** What importing a file would come to; nothing is stored. */
    async preview(file: Blob, options: ImportOptions, signal: AbortSignal): Promise<ImportPreview> {
      const found = await open(send(file, { ...options, dry_run: "true" }), signal);
      const preview = readJson(await reached(new Response(found).text()));
      if (isImportPreview(preview)) return preview;
      throw unexpected();
    },
    /**
     * Takes a file in, batch by batch, as fast as the news are read.
     * @param import_id the same file goes on under it where it broke off; `file_name` is what the list of
     *   imports calls it.
     * @throws ApexError why it ended before its end; what was told of is stored.
     */
    async *import(
      file: Blob,
      { import_id, ...options }: NamedImport,
      signal: AbortSignal,
    ): AsyncGenerator<ImportNews, void, undefined> {
      const news = await open(send(file, { import_id, ...options }), signal);
      for await (const told of eventsOf(news)) {
        if (told.type === "import_failed") throw failureOf(told);
        yield told;
        if (told.type === "import_completed") return;
      }
      throw brokenOff();
    },
    /** The imports there are, the newest first. */
    imports: (
      query: { status?: UsageImport["status"]; limit?: number; cursor?: string } = {},
    ): Promise<UsageImportPage> => ask(isUsageImportPage, { method: "GET", path, query }),
    /** How an import stands. */
    getImport: (id: string): Promise<UsageImport> =>
      ask(isUsageImport, { method: "GET", path: below(path, id) }),
    /** Takes an import back: every record that it stored, and what it set aside. */
    takeBack: (id: string): Promise<void> =>
      ask(isNothing, { method: "DELETE", path: below(path, id) }),
    /** Rows that were set aside, and why. */
    quarantine: (query: { limit?: number; cursor?: string } = {}): Promise<QuarantinePage> =>
      ask(isQuarantinePage, { method: "GET", path: "/api/usage/quarantine", query }),
    /** The prices of one's own: by contract, they go before the price list's. */
    prices: (): Promise<Prices> => ask(isPrices, { method: "GET", path: prices }),
    /** Adds a price of one's own. */
    addPrice: (body: PriceBody): Promise<Price> =>
      ask(isPrice, { method: "POST", path: prices, body }),
    /** Removes a price of one's own. */
    removePrice: (id: string): Promise<void> =>
      ask(isNothing, { method: "DELETE", path: below(prices, id) }),
  };
}

/** The tools that agents have, called without one. */
export function toolCalls(ask: Ask) {
  return {
    /** Calls a tool, outside any thread. */
    execute: (tool: string, given: Readonly<Record<string, Json>>): Promise<ToolExecution> =>
      ask(isToolExecution, {
        method: "POST",
        path: `${below("/api/tools", tool)}/execute`,
        body: { arguments: given },
      }),
  };
}

async function* eventsOf(bytes: ReadableStream<Uint8Array>): AsyncGenerator<ImportEvent> {
  const events = new EventStream();
  const reader = bytes.getReader();
  try {
    for (;;) {
      const { done, value } = await reached(reader.read());
      if (done) return;
      for (const data of events.push(value) ?? []) {
        const event = readJson(data);
        if (!isImportEvent(event)) throw unexpected();
        yield event;
      }
    }
  } finally {
    // If the caller stops reading, the import stops where it is.
    await reader.cancel().catch(() => undefined);
  }
}

async function reached<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (cause) {
    throw brokenOff(cause);
  }
}

function failureOf(told: Extract<ImportEvent, { type: "import_failed" }>): ApexError {
  const { code } = told;
  const isKnown = isErrorCode(code);
  return new ApexError(isKnown ? code : "internal", told.detail, {
    ...(!isKnown && { newerCode: code }),
    ...(told.import && { cutImport: told.import }),
  });
}

function brokenOff(cause?: unknown): ApexError {
  const detail = "The import broke off. Import the same file again to go on.";
  return new ApexError("unavailable", detail, { cause });
}

function unexpected(): ApexError {
  return new ApexError("internal", "The answer to an import has an unexpected form.");
}
