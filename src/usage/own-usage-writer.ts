/** Writes the product's own calls into the store that is set, beside the rows of the run that made them. */
import * as z from "zod";
import type { Log } from "../core/log.ts";
import { ApexError } from "../protocol/errors.ts";
import type { UserId } from "../protocol/ids.ts";
import type { UsageStoreSettings } from "./choose-store.ts";
import { type ClickhouseServer, connectClickhouse } from "./clickhouse/connection.ts";
import { recordWriter } from "./clickhouse/record-writer.ts";
import { d1Query } from "./d1-query.ts";
import { insertRecords, RECORD_COLUMNS } from "./d1-rows.ts";
import { IS_OWN } from "./own-calls.ts";
import { PriceOverrides } from "./price-overrides.ts";
import { priceRecord } from "./prices.ts";
import { PricedRecord, UsageRecord } from "./record.ts";
import { JsonText } from "./stored-json.ts";
import { hasOwner } from "./workspace-owner.ts";

const Rows = z.array(UsageRecord);
const WaitingRow = PricedRecord.extend({
  finish_reasons: JsonText.pipe(PricedRecord.shape.finish_reasons),
  block_hmacs: JsonText.pipe(PricedRecord.shape.block_hmacs),
});

/** Nobody waits for these records: a server that takes longer gets them next time, in milliseconds. */
const PATIENCE_MS = 3_000;
/** Records that waited, which one run's calls take along at most. */
const MAX_WAITING = 500;

/** Whether the user (?2) is there, and a team whose workspace (?3) it is: it may end before its members' runs. */
const IS_THERE = `EXISTS (SELECT 1 FROM users WHERE id = ?2) AND ${hasOwner("?3")}`;
const WAITING = `
  SELECT ${RECORD_COLUMNS.join(", ")} FROM usage_records
  WHERE workspace_id IN (SELECT value FROM json_each(?1)) AND ${IS_OWN}
  LIMIT ${MAX_WAITING}`;
const ARRIVED = `
  DELETE FROM usage_records WHERE (workspace_id, record_id) IN (
    SELECT value ->> 'workspace_id', value ->> 'record_id' FROM json_each(?1))`;

interface OwnUsageParts extends UsageStoreSettings {
  readonly log: Log;
}

/**
 * @returns what writes such records, and gives the statements that belong into the transaction of the
 *   rows beside them: known ones change nothing, and none is written once the account, or its team, is
 *   gone. What ClickHouse does not take now waits in D1 for the next that are written there, and holds up
 *   nobody.
 */
export function ownUsageWriter({ db, clickhouse, log }: OwnUsageParts, userId: UserId) {
  return async (rows: readonly unknown[]): Promise<D1PreparedStatement[]> => {
    const records = Rows.parse(rows);
    const [first] = records;
    if (first === undefined) return [];
    const prices = await new PriceOverrides(db, first.workspace_id).lookup();
    const priced = records.map((record) => priceRecord(record, prices));
    const owner = [userId, first.workspace_id] as const;
    const insert = db
      .prepare(insertRecords("NULL", IS_THERE))
      .bind(JSON.stringify(priced), ...owner);
    if (clickhouse === null) return [insert];
    try {
      return await forward(priced, { db, clickhouse, owner });
    } catch (error) {
      log.warn("own_usage.waits", { records: priced.length, reason: ApexError.from(error).code });
      return [insert];
    }
  };
}

interface Forwarding {
  readonly db: D1Database;
  readonly clickhouse: ClickhouseServer;
  /** The user, and the workspace. */
  readonly owner: readonly [UserId, string];
}

/** Brings records to ClickHouse, and those that waited. @returns what says that these wait no longer. */
async function forward(
  records: readonly PricedRecord[],
  { db, clickhouse, owner }: Forwarding,
): Promise<D1PreparedStatement[]> {
  const query = d1Query(db);
  const isThere = await query.rows(z.unknown(), `SELECT 1 WHERE ${IS_THERE}`, [null, ...owner]);
  if (isThere.length === 0) return [];
  const workspaces = JSON.stringify(records.map(({ workspace_id }) => workspace_id));
  const waiting = await query.rows(WaitingRow, WAITING, [workspaces]);
  const writer = recordWriter(connectClickhouse(clickhouse, PATIENCE_MS));
  await writer.insert(await writer.unknownOf([...waiting, ...records]), null);
  return query.forRows(
    ARRIVED,
    waiting.map(({ workspace_id, record_id }) => ({ workspace_id, record_id })),
  );
}
