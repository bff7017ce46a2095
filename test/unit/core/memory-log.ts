/** A log of records that remembers them, to see what is told of a failure and what is not. */
import type { Log, LogFields } from "../../../src/core/log.ts";

export interface LogRecord {
  readonly event: string;
  readonly error?: unknown;
  readonly fields?: LogFields | undefined;
}

export function memoryLog(): Log & { readonly records: readonly LogRecord[] } {
  const records: LogRecord[] = [];
  return {
    records,
    info: (event, fields) => records.push({ event, fields }),
    warn: (event, fields) => records.push({ event, fields }),
    error: (event, error, fields) => records.push({ event, error, fields }),
  };
}
