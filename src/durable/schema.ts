/** Brings an object's tables up to date, and knows the epoch of what they hold. */
import * as z from "zod";
import { newId } from "../core/clock.ts";
import { Epoch } from "../protocol/ids.ts";

const State = z.object({ epoch: Epoch, version: z.number() });

/**
 * Runs what the object has not run yet.
 * @param schema the statements of each version; entries are only ever appended.
 * @returns the epoch of the object's journal: a new one where the object is fresh.
 */
export function openTables(storage: DurableObjectStorage, schema: readonly string[]): Epoch {
  return storage.transactionSync(() => {
    const { sql } = storage;
    sql.exec("CREATE TABLE IF NOT EXISTS state (epoch TEXT NOT NULL, version INTEGER NOT NULL)");
    const found = State.optional().parse(sql.exec("SELECT epoch, version FROM state").toArray()[0]);
    const state = found ?? { epoch: Epoch.parse(newId()), version: 0 };
    if (found === undefined) sql.exec("INSERT INTO state VALUES (?, 0)", state.epoch);
    if (state.version < schema.length) {
      for (const statements of schema.slice(state.version)) sql.exec(statements);
      sql.exec("UPDATE state SET version = ?", schema.length);
    }
    return state.epoch;
  });
}
