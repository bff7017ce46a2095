/** Ten million records in ClickHouse: those of the sample company, over and over. */
import { setTimeout as sleep } from "node:timers/promises";
import { startChdb } from "../../test/analytics/engines.ts";

/** A copy is so much later than the one before: the same traffic, only denser, of requests of its own. */
const LATER_MS = 17;

const LOOK_MS = 500;
/** Looks in a row without a merge, after which no other begins. */
const QUIET_LOOKS = 6;

export interface ManyRecords {
  readonly url: string;
  /** Copies the sample's records until there are so many. @returns how many there are. */
  multiply(records: number): Promise<number>;
  close(): Promise<void>;
}

/** Starts ClickHouse 26 (chdb), which `npm run test:analytics` installs. */
export async function startManyRecords(): Promise<ManyRecords> {
  const engine = await startChdb();
  async function tell(sql: string): Promise<string> {
    const response = await fetch(engine.url, { method: "POST", body: sql });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text.trim();
  }
  const counted = async () => Number(await tell("SELECT count() FROM usage_records"));
  /** Waits until the server has put in order what came in: it is busy with that for a while. */
  async function merged(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_LOOKS; quiet += 1) {
      await sleep(LOOK_MS);
      if (Number(await tell("SELECT count() FROM system.merges")) > 0) quiet = 0;
    }
  }
  return {
    url: engine.url,
    async multiply(records) {
      const copies = Math.ceil(records / (await counted()));
      await tell(
        `INSERT INTO usage_records
         SELECT * REPLACE (concat(record_id, '-', toString(copy)) AS record_id,
           concat(logical_request_id, '-', toString(copy)) AS logical_request_id, ts + ${LATER_MS} * copy AS ts) EXCEPT (copy)
         FROM usage_records ARRAY JOIN range(1, ${copies}) AS copy`,
      );
      await merged();
      return counted();
    },
    close: () => engine.close(),
  };
}
