/** `npm run -s verify-log -- log.ndjson [--jwks url|file]`: whether an exported log is as it was logged. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { verifyLog } from "../src/auth/log-verifier.ts";
import { JsonWebKeySet } from "../src/protocol/json-web-keys.ts";

const USAGE = `Usage: npm run -s verify-log -- <file> [--jwks <url or file>]

Checks a log exported by GET /api/threads/{id}/log, and names the first event that was changed,
removed, inserted or moved. --jwks: the keys that may have signed it, as /.well-known/jwks.json of the
server gives them; without them the chain alone is checked. Exit code 0: it is as it was logged.
`;
const DEADLINE_MS = 10_000;

async function keysAt(place: string) {
  const text = /^https?:/.test(place)
    ? await (await fetch(place, { signal: AbortSignal.timeout(DEADLINE_MS) })).text()
    : await readFile(place, "utf8");
  return JsonWebKeySet.parse(JSON.parse(text)).keys;
}

/** @returns the exit code: 0 if the log is unchanged, 1 if it was changed, 2 if that cannot be checked. */
async function verify(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { jwks: { type: "string" }, help: { type: "boolean", default: false } },
  });
  const [file] = positionals;
  if (values.help || file === undefined || positionals.length > 1) {
    (values.help ? process.stdout : process.stderr).write(USAGE);
    return values.help ? 0 : 2;
  }
  const keys = values.jwks === undefined ? null : await keysAt(values.jwks);
  const found = await verifyLog(await readFile(file, "utf8"), keys);
  if (found.fault !== null) {
    const subject = typeof found.at === "number" ? `seq ${found.at}` : `the ${found.at}`;
    console.error(`Not as it was logged: ${subject} ${found.fault}.`);
    return 1;
  }
  const { head, end, fromAnchor, signed } = found;
  console.log(
    `As it was logged: thread ${head.thread_id}, ${end.events} events, seq ${head.first_seq} to ${end.last_seq}.`,
  );
  if (!fromAnchor) console.log("What came before is forgotten; its hash stands in the head.");
  if (signed) console.log("The signature is genuine.");
  else if (end.verifiable_by === "anybody")
    console.log("The signature was not checked: give --jwks.");
  else console.log("It is signed by a shared secret: nobody but the operator can check that.");
  return 0;
}

process.exitCode = await verify().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});
