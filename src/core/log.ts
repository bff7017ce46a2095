/** Structured logging as a port: one line of JSON a record, never a secret, never a user's words. */
import { redact } from "./redact.ts";

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, error: unknown, fields?: LogFields): void;
}

/** Writes to the console, which the platform collects. */
export const consoleLog: Log = {
  info: (event, fields) => console.log(lineOf({ level: "info", event, ...fields })),
  warn: (event, fields) => console.warn(lineOf({ level: "warn", event, ...fields })),
  error: (event, error, fields) =>
    console.error(lineOf({ level: "error", event, ...fields, ...describe(error) })),
};

/** @returns a log whose every line tells these fields too: whom it is about. */
export function logWith(log: Log, context: LogFields): Log {
  return {
    info: (event, fields) => log.info(event, { ...context, ...fields }),
    warn: (event, fields) => log.warn(event, { ...context, ...fields }),
    error: (event, error, fields) => log.error(event, error, { ...context, ...fields }),
  };
}

/** Nothing secret is ever given to a log: that it is looked for here is the last line of defence. */
function lineOf(fields: LogFields): string {
  return JSON.stringify(fields, (name, value: unknown) =>
    typeof value === "string" ? redact(name, value) : value,
  );
}

/** An error's name and stack. Messages of foreign errors may quote input, so they stay out. */
function describe(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = error.stack?.split("\n").filter((line) => line.trimStart().startsWith("at "));
  return { error: error.name, stack: frames?.slice(0, 8).join("\n") };
}
