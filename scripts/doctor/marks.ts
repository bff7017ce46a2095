/** Which databases are bound: each remembers the binding that it was first used by. */
import * as z from "zod";
import { type MarkedBinding, misplaced } from "../../src/env/history-marks.ts";
import { databaseBindings } from "../database-config.ts";
import { wrangler } from "../wrangler.ts";
import { type Finding, fault, type Patient, unknown, well } from "./finding.ts";
import { databaseOptions, reasonIn, SIGN_IN } from "./remote-parts.ts";

const PART = "Databases";
const PUT_BACK = `Put the ids of [[d1_databases]] in wrangler.toml back as they were: docs/runbooks.md, "The history's eras".`;

/** What the product asks of each too: src/store/database-mark.ts. */
const QUESTION = "SELECT binding FROM database_mark";
const Answer = z.tuple([z.object({ results: z.array(z.object({ binding: z.string() })) })]);

/** @returns whether each binding has the database that it had before. */
export async function databases({ environment }: Patient): Promise<Finding> {
  const bindings: MarkedBinding[] = [];
  for (const binding of databaseBindings(environment)) {
    const asked = ["d1", "execute", binding, ...databaseOptions(environment), "--json"];
    const { code, output, answer } = await wrangler([...asked, "--command", QUESTION]);
    // Before the first deployment of a version that marks them.
    const isUnmarked = /no such table/.test(output);
    if (code !== 0 && !isUnmarked) {
      return unknown(PART, `${binding} does not tell which it is: ${reasonIn(output)}`, SIGN_IN);
    }
    const [{ results }] = isUnmarked ? [{ results: [] }] : Answer.parse(JSON.parse(answer));
    bindings.push({ binding, mark: results[0]?.binding ?? null });
  }
  const wrong = misplaced(bindings);
  if (wrong.length > 0) return fault(PART, `${wrong.join("; ")}.`, PUT_BACK);
  const unused = bindings.filter(({ mark }) => mark === null).map(({ binding }) => binding);
  return well(
    PART,
    unused.length === 0
      ? "Each binding has the one that it had before."
      : `Never used until now: ${unused.join(", ")}.`,
  );
}
