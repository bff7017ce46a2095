/** An import as its row has it, and as the wire tells it. */
import * as z from "zod";
import { timestamp } from "../core/clock.ts";
import { ImportFormat, UsageImport } from "../protocol/usage.ts";

/** How far an import got, as its row has it. */
export const ImportRow = z.object({
  import_id: z.string(),
  format: ImportFormat,
  status: UsageImport.shape.status,
  chain: z.number(),
  next_chain: z.number().nullable(),
  rows: z.number(),
  stored: z.number(),
  duplicates: z.number(),
  ignored: z.number(),
  quarantined: z.number(),
  first_ts: z.number().nullable(),
  last_ts: z.number().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  file_name: z.string().nullable(),
  /** Until when it is believed that somebody sends it, in milliseconds; null where it broke off. */
  sending_until: z.number().nullable(),
});
export type ImportRow = z.infer<typeof ImportRow>;

/** @returns whether somebody sends it at a moment, as far as is known. */
export function isUnderWay(
  { status, sending_until }: Pick<ImportRow, "status" | "sending_until">,
  now: number,
): boolean {
  return status === "incomplete" && (sending_until ?? 0) > now;
}

/** @returns an import's row as the wire tells it at a moment. */
export function toImport(row: ImportRow, now: number): UsageImport {
  const {
    import_id,
    chain: _,
    next_chain: __,
    first_ts,
    last_ts,
    sending_until: ___,
    ...rest
  } = row;
  const taken = rest.stored + rest.duplicates + rest.ignored + rest.quarantined;
  return {
    id: import_id,
    ...rest,
    known: rest.rows - taken,
    under_way: isUnderWay(row, now),
    first_at: first_ts === null ? null : timestamp(first_ts),
    last_at: last_ts === null ? null : timestamp(last_ts),
  };
}
