/** Checks the databases of the history: each era has its own, and eras that were in use must not change. */
import * as z from "zod";
import { madeAt } from "../../src/core/clock.ts";
import { compareEras, RememberedEra } from "../../src/env/history-eras.ts";
import {
  HistoryShards,
  MAIN_DATABASE,
  namedDatabases,
  UNSHARDED,
} from "../../src/env/history-shards.ts";
import { wrangler } from "../wrangler.ts";
import { type Finding, fault, type Patient, unknown, well } from "./finding.ts";
import { boundIn } from "./local-parts.ts";
import { databaseOptions, reasonIn, SIGN_IN } from "./remote-parts.ts";

const PART = "History";
const MEND = `Mend HISTORY_SHARDS, or [[d1_databases]] of wrangler.toml: docs/scale.md, "Shards".`;
const PUT_BACK = `Put HISTORY_SHARDS back as it was, in [vars] of wrangler.toml: docs/runbooks.md, "The history's eras".`;

/** What the product asks of the main database too: src/store/history-eras.ts. */
const QUESTION = [
  "SELECT begins_at, databases, in_use FROM history_eras",
  "SELECT id FROM users WHERE substr(id, 15, 1) = '7' ORDER BY id DESC LIMIT 1",
].join("; ");
const Answer = z.tuple([
  z.object({ results: z.array(RememberedEra) }),
  z.object({ results: z.array(z.object({ id: z.string() })) }),
]);

/** @returns whether the configured eras have databases, and agree with those that were in use before. */
export async function history(patient: Patient): Promise<Finding> {
  const { d1_databases } = boundIn(patient.environment);
  const text = patient.settings.HISTORY_SHARDS;
  const parsed = HistoryShards.safeParse(text);
  if (text !== undefined && !parsed.success) {
    return fault(PART, `HISTORY_SHARDS: ${z.prettifyError(parsed.error)}`, MEND);
  }
  const eras = parsed.data ?? UNSHARDED;
  const names = namedDatabases(eras);
  const unbound = names.filter((name) => d1_databases.every(({ binding }) => binding !== name));
  return unbound.length === 0
    ? await compared(eras, patient)
    : fault(
        PART,
        `HISTORY_SHARDS names what is bound to no database: ${unbound.join(", ")}.`,
        MEND,
      );
}

async function compared(eras: HistoryShards, { environment }: Patient): Promise<Finding> {
  const where = `It is in ${namedDatabases(eras).join(", ")}.`;
  const asked = ["d1", "execute", MAIN_DATABASE, ...databaseOptions(environment), "--json"];
  const { code, output, answer } = await wrangler([...asked, "--command", QUESTION]);
  // Before the first deployment of a version that remembers.
  if (/no such table/.test(output)) return well(PART, `${where} Nothing is remembered of it yet.`);
  if (code !== 0) {
    const said = `${where} What was served before is not told: ${reasonIn(output)}`;
    return unknown(PART, said, SIGN_IN);
  }
  const [{ results: remembered }, { results: newest }] = Answer.parse(JSON.parse(answer));
  const newestAccount = newest[0] === undefined ? null : madeAt(newest[0].id);
  const at = { now: Date.now(), newestAccount };
  const { contradictions } = compareEras(eras, remembered, at);
  return contradictions.length === 0
    ? well(
        PART,
        `${where} ${remembered.length > 0 ? "So it was before." : "Nobody was served yet."}`,
      )
    : fault(PART, `HISTORY_SHARDS: ${contradictions.join("; ")}.`, PUT_BACK);
}
