/** How records reach ClickHouse, for all that write them: it has no unique key, so what is known is asked for first. */
import * as z from "zod";
import type { PricedRecord } from "../record.ts";
import type { ClickhouseConnection } from "./connection.ts";

/** UTF-16 units of ids in one question: a field of a form takes 128 KiB at the server. */
const IDS_LENGTH = 96 * 1024;

const KNOWN = ["record_id", "import_id"] as const;
const KnownRow = z.object({ record_id: z.string(), import_id: z.string().nullable() });

/** Every method of it throws `ApexError` `unavailable` where the server fails. */
export function recordWriter(connection: ClickhouseConnection) {
  /** @returns of these ids those that a workspace has, each with the import that brought it. */
  async function known(
    workspace: string,
    ids: readonly string[],
  ): Promise<Map<string, string | null>> {
    const found = new Map<string, string | null>();
    for (const chunk of idChunks(ids)) {
      const rows = await connection.query(
        KnownRow,
        KNOWN,
        `SELECT DISTINCT record_id, import_id FROM usage_records
         WHERE workspace_id = {workspace:String}
           AND record_id IN (SELECT arrayJoin({ids:Array(String)}))`,
        { workspace, ids: chunk },
      );
      for (const { record_id, import_id } of rows) found.set(record_id, import_id);
    }
    return found;
  }

  return {
    known,

    /** @returns those that the store does not hold; of several with one id the first. */
    async unknownOf(records: readonly PricedRecord[]): Promise<PricedRecord[]> {
      const unknown: PricedRecord[] = [];
      for (const [workspace, own] of Map.groupBy(records, (record) => record.workspace_id)) {
        const byId = new Map(own.toReversed().map((record) => [record.record_id, record]));
        for (const id of (await known(workspace, [...byId.keys()])).keys()) byId.delete(id);
        unknown.push(...byId.values());
      }
      return unknown;
    },

    /** Inserts records that are not known, all or none. */
    async insert(records: readonly PricedRecord[], importId: string | null): Promise<void> {
      await connection.insert(
        "usage_records",
        records.map((record) => ({
          ...record,
          finish_reasons: JSON.stringify(record.finish_reasons),
          block_hmacs: JSON.stringify(record.block_hmacs),
          import_id: importId,
        })),
      );
    },
  };
}

function idChunks(ids: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let room = 0;
  for (const id of ids) {
    if (room < id.length) {
      chunks.push([]);
      room = IDS_LENGTH;
    }
    chunks.at(-1)?.push(id);
    room -= id.length + 3;
  }
  return chunks;
}
