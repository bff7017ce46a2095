/** The product's log. Each line gets the ids of the request, user, thread and run that it was written for. */
import { AsyncLocalStorage } from "node:async_hooks";
import * as z from "zod";
import type { Log, LogFields } from "../core/log.ts";
import { redact } from "../core/redact.ts";

const Id = z.string().optional();

/** What the current work belongs to, as far as that is known. */
export const LogContext = z.object({
  /** The request being served, or the one that opened the socket. */
  request_id: Id,
  trace_id: Id,
  user_id: Id,
  thread_id: Id,
  run_id: Id,
});
export type LogContext = z.infer<typeof LogContext>;

/** Follows the asynchronous calls, so that code shared by a whole isolate need not be told for whom it works. */
const served = new AsyncLocalStorage<LogContext>();

/** @returns the log context of the current work. */
export function logContext(): Readonly<LogContext> {
  return served.getStore() ?? {};
}

/** Does some work in the log context of its caller and what is known of it beside that. @returns what the work does. */
export function withLogContext<Result>(known: LogContext, work: () => Result): Result {
  return served.run({ ...served.getStore(), ...known }, work);
}

/** @returns the same function, bound to the current log context whoever calls it, such as the reader of a stream. */
export function inThisLogContext<Given extends unknown[], Result>(
  work: (...given: Given) => Result,
): (...given: Given) => Result {
  return AsyncLocalStorage.bind(work);
}

/** Adds to the log context of the current work, for all of its later lines. */
export function addToLogContext(known: LogContext): void {
  const context = served.getStore();
  if (context !== undefined) Object.assign(context, known);
}

/** Writes to the console, which Cloudflare collects. */
export const consoleLog: Log = {
  info: (event, fields) => console.log(lineOf("info", event, fields)),
  warn: (event, fields) => console.warn(lineOf("warn", event, fields)),
  error: (event, error, fields) =>
    console.error(lineOf("error", event, { ...fields, ...describe(error) })),
};

/** No secret should ever reach the log. Masking them here is the last line of defence. */
function lineOf(level: string, event: string, fields: LogFields | undefined): string {
  const line = { level, event, ...logContext(), ...fields };
  return JSON.stringify(line, (name, value: unknown) =>
    typeof value === "string" ? redact(name, value) : value,
  );
}

/** An error's name and stack only. Messages of foreign errors may quote user input. */
function describe(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = error.stack?.split("\n").filter((line) => line.trimStart().startsWith("at "));
  return { error: error.name, stack: frames?.slice(0, 8).join("\n") };
}
