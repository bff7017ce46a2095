/** The log of the product: whoever writes a line, it tells by itself what was being served just then. */
import { AsyncLocalStorage } from "node:async_hooks";
import * as z from "zod";
import type { Log, LogFields } from "../core/log.ts";
import { redact } from "../core/redact.ts";

const Id = z.string().optional();

/** What is being served, as far as that is known. */
export const LogContext = z.object({
  /** The request that asked, or that opened the socket which did. */
  request_id: Id,
  trace_id: Id,
  user_id: Id,
  thread_id: Id,
  run_id: Id,
});
export type LogContext = z.infer<typeof LogContext>;

/** By the asynchronous context, so that what a whole isolate shares need not be told for whom it works. */
const served = new AsyncLocalStorage<LogContext>();

/** @returns what is being served here and now. */
export function logContext(): Readonly<LogContext> {
  return served.getStore() ?? {};
}

/** Does some work in the log context of its caller and what is known of it beside that. @returns what the work does. */
export function withLogContext<Result>(known: LogContext, work: () => Result): Result {
  return served.run({ ...served.getStore(), ...known }, work);
}

/** @returns the same work, to be done in this log context by whoever calls it: a reader of a stream, for one. */
export function inThisLogContext<Given extends unknown[], Result>(
  work: (...given: Given) => Result,
): (...given: Given) => Result {
  return AsyncLocalStorage.bind(work);
}

/** Something more is known of the work under way, for all lines that are still to be written of it. */
export function addToLogContext(known: LogContext): void {
  const context = served.getStore();
  if (context !== undefined) Object.assign(context, known);
}

/** Writes to the console, which the platform collects. */
export const consoleLog: Log = {
  info: (event, fields) => console.log(lineOf("info", event, fields)),
  warn: (event, fields) => console.warn(lineOf("warn", event, fields)),
  error: (event, error, fields) =>
    console.error(lineOf("error", event, { ...fields, ...describe(error) })),
};

/** Nothing secret is ever given to a log: that it is looked for here is the last line of defence. */
function lineOf(level: string, event: string, fields: LogFields | undefined): string {
  const line = { level, event, ...logContext(), ...fields };
  return JSON.stringify(line, (name, value: unknown) =>
    typeof value === "string" ? redact(name, value) : value,
  );
}

/** An error's name and stack. Messages of foreign errors may quote input, so they stay out. */
function describe(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = error.stack?.split("\n").filter((line) => line.trimStart().startsWith("at "));
  return { error: error.name, stack: frames?.slice(0, 8).join("\n") };
}
