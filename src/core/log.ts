/** Structured logging as a port: one line of JSON a record, never a secret, never a user's words. */

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, error: unknown, fields?: LogFields): void;
}

/** Writes to the console, which the platform collects. */
export const consoleLog: Log = {
  info: (event, fields) => console.log(JSON.stringify({ level: "info", event, ...fields })),
  warn: (event, fields) => console.warn(JSON.stringify({ level: "warn", event, ...fields })),
  error: (event, error, fields) =>
    console.error(JSON.stringify({ level: "error", event, ...fields, ...describe(error) })),
};

/** An error's name and stack. Messages of foreign errors may quote input, so they stay out. */
function describe(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = error.stack?.split("\n").filter((line) => line.trimStart().startsWith("at "));
  return { error: error.name, stack: frames?.slice(0, 8).join("\n") };
}
